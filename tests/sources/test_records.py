"""JSON lines, JSON and YAML."""

import json

import pytest

from tradewind.adapters.sources import errors


def records(found):
    return [json.loads(row[1]) for row in found.rows]


def test_broken_json_lines_are_rejected_with_their_line_and_column(read):
    lines = ['{"a": 1}', '{"a": 1,}', "", '{"a": NaN}', "[1]", '{"a": 1}{"b": 2}', '{"a": "x', '{"b": {"c": [1.10, "é"]}}']
    found = read("t.jsonl", "\n".join(lines))
    assert [row[0] for row in found.rows] == [1, 8]
    assert found.rows[1][1] == '{"b": {"c": [1.10, "é"]}}'
    assert [reject[0] for reject in found.rejects] == [2, 4, 5, 6, 7]
    assert "column 9" in found.rejects[0][3]


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
def test_text_that_no_database_keeps_rejects_its_line(read, text):
    found = read("t.jsonl", '{"a": {"b": ["x' + text + '"]}}\n{"a": "\\\\u0000"}\n')
    assert [row[0] for row in found.rows] == [2]
    assert found.rejects[0][1] == "a.b"


def test_bytes_that_are_no_text_are_named_in_json_lines(read):
    with pytest.raises(errors.BytesAreInvalid, match=r"ff at byte 16 \(line 2\)"):
        read("t.jsonl", b'{"a": 1}\n{"a": "\xff"}\n')


def test_the_keys_of_all_records_are_the_columns(read):
    assert read("t.jsonl", '{"a": 1}\n{"b": 1, "a": 2}\n').table.columns == ("a", "b")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_json_lines_in_other_encodings(read, encoding):
    found = read("t.jsonl.gz", '{"名称": "无线耳机"}\n{"名称": "充电宝"}\n', encoding)
    assert records(found) == [{"名称": "无线耳机"}, {"名称": "充电宝"}]


def test_the_list_inside_a_json_document_is_found(read):
    found = read("t.json", json.dumps({"meta": {"tags": ["x"]}, "data": {"products": [{"id": 1}, 5, {"id": 2}]}}))
    assert records(found) == [{"id": 1}, {"id": 2}]
    assert found.rejects[0][0] == 2


def test_two_lists_of_records_need_a_choice(read):
    text = json.dumps({"left": [{"id": 1}], "right": [{"id": 2}]})
    with pytest.raises(errors.ItemsAreAmbiguous, match=r"left \(1\), right \(1\)"):
        read("t.json", text)
    assert records(read("t.json", text, items="right")) == [{"id": 2}]


def test_numbers_in_json_keep_their_digits(read):
    found = read("t.json", '[{"a": 19.99, "b": 12345678901234567890123, "c": 0.12345678901234567890}]')
    assert found.rows[0][1] == '{"a":19.99,"b":12345678901234567890123,"c":"0.12345678901234567890"}'


def test_broken_json_is_refused_with_byte_and_line(read):
    with pytest.raises(errors.JsonIsBroken, match=r"byte 20 \(line 3\)"):
        read("t.json", '[\n {"a": 1},\n {"b": x}\n]')
    with pytest.raises(errors.JsonIsBroken, match="line 2"):
        read("t.json", '[{"a": 1},\n {"b": 2}')


def test_a_document_without_a_list_is_refused(read):
    with pytest.raises(errors.ItemsAreMissing, match="no list of records"):
        read("t.json", '{"a": 1}')
    with pytest.raises(errors.ItemsAreMissing, match='at "goods"'):
        read("t.json", '[{"a": 1}]', items="goods")


def test_yaml_keeps_what_was_written(read):
    text = "- {sku: 0123, country: NO, day: 2026-01-01, price: 19.90, on: true, none: ~, text: '7'}\n- just text\n"
    found = read("t.yaml", text)
    assert found.rows[0][1] == ('{"sku":"0123","country":"NO","day":"2026-01-01","price":19.90,"on":true,"none":null,"text":"7"}')
    assert found.rejects[0][3] == "it is not a mapping"


def test_yaml_lists_inside_a_document_anchors_and_merges(read):
    found = read("t.yml", "base: &b {brand: Acme}\nshop:\n  products:\n  - <<: *b\n    id: 1\n  - id: 2\n    tags: [a, b]\n")
    assert records(found) == [{"brand": "Acme", "id": 1}, {"id": 2, "tags": ["a", "b"]}]


def test_yaml_that_explodes_is_refused(read):
    laughs = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9))
    with pytest.raises(errors.YamlIsBroken, match="record 1"):
        read("t.yaml", "- a0: &a0 lol\n" + laughs)


def test_broken_yaml_is_refused_with_line_and_column(read):
    with pytest.raises(errors.YamlIsBroken, match="line 2, column"):
        read("t.yaml", "- a: 1\n  b: : :\n- c: [\n")
