from search_indexer.query.answer_reading import read_hit


def test_what_a_document_leaves_out_is_empty() -> None:
    source = {"id": 1, "sku": "A", "version": 2, "title": "T", "price_minor": 3, "currency": "USD"}
    hit = read_hit({"_source": source})
    assert (hit.description, hit.brand, hit.category_path, hit.in_stock_store_ids, hit.highlight) == (
        "",
        None,
        [],
        [],
        {},
    )
