"""Google's product feeds as files: TSV and RSS 2.0, the same bytes for the same listings."""

from tradewind.adapters.feeds.google import PARTS, TSV_HEADER, XML_FOOTER, GoogleFragments, assemble, assemble_market, leave_out, xml_header

__all__ = ["PARTS", "TSV_HEADER", "XML_FOOTER", "GoogleFragments", "assemble", "assemble_market", "leave_out", "xml_header"]
