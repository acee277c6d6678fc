"""How good the answers are and how a shop steers them: judgments, evaluation, synonyms, rules, reports."""
