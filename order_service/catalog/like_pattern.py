"""Makes an ILIKE pattern from what a person typed; used by the product list and the store inventory. Pure."""


def like_pattern(typed: str) -> str:
    r"""Look for the text anywhere, with `%`, `_` and `\` meaning themselves; NUL, which no row holds, falls out."""
    kept = typed.replace("\x00", "")
    return "%" + kept.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
