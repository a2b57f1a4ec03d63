"""RSS, Atom and other XML."""

import json

import pytest

from tradewind.adapters.sources import errors

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>\n'
TAIL = "</channel></rss>"
ITEM = "<item><g:id>{id}</g:id><title>Mug {id}</title></item>\n"


def records(found):
    return [json.loads(row[1]) for row in found.rows]


def test_an_item_becomes_an_object_with_groups_and_lists(read):
    item = """<item><g:id>1</g:id><link>http://a.example</link><g:link>http://b.example</g:link><description><![CDATA[<b>x</b>]]></description>
    <g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping>
    <g:additional_image_link>1.jpg</g:additional_image_link><g:additional_image_link>2.jpg</g:additional_image_link><g:gtin/></item>"""
    assert records(read("f.xml", HEAD + item + TAIL)) == [
        {
            "id": "1",
            "link": "http://b.example",
            "description": "<b>x</b>",
            "shipping": {"country": "US", "price": "5 USD"},
            "additional_image_link": ["1.jpg", "2.jpg"],
            "gtin": None,
        }
    ]


def test_atom_entries_are_read(read):
    feed = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><entry><g:id>1</g:id><link href="http://a.example"/></entry></feed>'
    assert records(read("f.xml", feed)) == [{"link": "http://a.example", "id": "1"}]


def test_any_xml_is_read_when_its_item_is_named(read):
    found = read("f.xml", '<shop><p><name lang="de">Tasse</name></p><p><name>Mug</name></p></shop>', items="p")
    assert records(found) == [{"name": {"@lang": "de", "text": "Tasse"}}, {"name": "Mug"}]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "utf-8-sig"])
def test_the_declared_encoding_counts(read, encoding):
    declared = encoding.removesuffix("-sig")
    feed = (HEAD + "<item><title>无线耳机</title></item>" + TAIL).replace("UTF-8", declared)
    assert records(read("f.xml.gz", feed, encoding)) == [{"title": "无线耳机"}]


def test_xml_that_is_not_well_formed_is_refused_with_line_and_column(read):
    with pytest.raises(errors.XmlIsBroken, match="line 3, column") as caught:
        read("f.xml", HEAD + "<item><link>a?b=1&c=2</link></item>" + TAIL)
    assert "--salvage" in caught.value.hint


def test_salvage_keeps_the_readable_items_and_rejects_the_others(read):
    body = ITEM.format(id=1) + "<item><g:link>a?b=1&c=2</g:link></item>\n" + "<item><g:id>3</g:id>\n" + ITEM.format(id=4) + "<item><g:id>5"
    found = read("f.xml", HEAD + body, salvage=True)
    assert [(row[0], record["id"]) for row, record in zip(found.rows, records(found), strict=True)] == [(1, "1"), (4, "4")]
    assert [reject[0] for reject in found.rejects] == [2, 3, 5]
    assert "from line 4 is not well-formed" in found.rejects[0][3]


def test_entities_are_never_resolved(read, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    feed = HEAD.replace("<rss", doctype + "<rss") + "<item><title>&x;&b;</title></item>" + ITEM.format(id=2) + TAIL
    found = read("f.xml", feed)
    assert [record["id"] for record in records(found)] == ["2"]
    assert "entity" in found.rejects[0][3]


@pytest.mark.parametrize(
    ("feed", "name"),
    [
        ("<SHOP><SHOPITEM/></SHOP>", "Heureka"),
        ('<SHOP xmlns="http://www.zbozi.cz/ns/offer/1.0"><SHOPITEM/></SHOP>', "Zboží"),
        ("<rss><channel><item><id>1</id><inventory>3</inventory></item></channel></rss>", "Facebook"),
    ],
)
def test_other_channels_formats_are_refused_by_name(read, feed, name):
    with pytest.raises(errors.FormatIsNotASource, match=name):
        read("f.xml", feed)


def test_a_web_page_is_not_a_feed(read):
    with pytest.raises(errors.TradewindError, match="web page"):
        read("f.xml", "<!DOCTYPE html><html><body>Sign in</body></html>")


def test_an_item_without_end_is_bounded(read):
    with pytest.raises(errors.XmlItemIsTooLarge, match="item 1"):
        read("f.xml", HEAD + "<item>" + "<x/>" * 100_001)
