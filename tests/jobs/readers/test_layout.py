"""Annotated pages: their text in reading order, whichever way the annotations are written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.readers.layout import Reading, joined
from jobs.readers.layout_boxes import BOXES_MAX, reading_order
from jobs.readers.layout_settings import Layout
from jobs.readers.layouts import read_layout

PAGE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
  <Metadata><Creator>renderer 2</Creator><Created>2026-08-01T00:00:00Z</Created>
    <MetadataItem type="other" name="renderedFrom" value="novel-7"/></Metadata>
  <Page imageFilename="p1.png" imageWidth="1000" imageHeight="2000">
    <ReadingOrder><OrderedGroup id="g">
      <RegionRefIndexed index="2" regionRef="r1"/>
      <OrderedGroupIndexed id="g2" index="1"><RegionRefIndexed index="0" regionRef="r3"/></OrderedGroupIndexed>
      <RegionRefIndexed index="0" regionRef="r2"/>
    </OrderedGroup></ReadingOrder>
    <TextRegion id="r0" type="page-number"><TextEquiv><Unicode>17</Unicode></TextEquiv></TextRegion>
    <TextRegion id="r1" type="paragraph"><Coords points="0,50 90,50 90,90 0,90"/>
      <TextLine id="a"><TextEquiv conf="0.5"><Unicode>It was an exam-</Unicode></TextEquiv></TextLine>
      <TextLine id="b"><Word id="w"><TextEquiv><Unicode>ple</Unicode></TextEquiv></Word>
        <Word id="x"><TextEquiv><Unicode>of it.</Unicode></TextEquiv></Word></TextLine></TextRegion>
    <TextRegion id="r2" type="heading"><Coords points="0,0 90,0 90,9 0,9"/><TextLine>
      <TextEquiv index="1"><Unicode>Chaptre</Unicode></TextEquiv>
      <TextEquiv index="0" conf="1"><Unicode>Chapter</Unicode></TextEquiv></TextLine></TextRegion>
    <TextRegion id="r3"><TextRegion id="r3b"><TextLine><TextEquiv><Unicode>Within.</Unicode></TextEquiv></TextLine>
      </TextRegion><TextEquiv><Unicode>第一行，
第二行。</Unicode></TextEquiv></TextRegion>
    <TextRegion id="r4"><TextEquiv><Unicode>Left over.</Unicode></TextEquiv></TextRegion>
  </Page>
</PcGts>"""

ALTO = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">
  <Description><sourceImageInformation><fileName>p.tif</fileName></sourceImageInformation>
    <OCRProcessing ID="o"><ocrProcessingStep><processingSoftware><softwareName>tesseract</softwareName>
    <softwareVersion>5.3</softwareVersion></processingSoftware></ocrProcessingStep></OCRProcessing></Description>
  <ReadingOrder><OrderedGroup><ElementRef REF="b2"/><ElementRef REF="b1"/></OrderedGroup></ReadingOrder>
  <Layout><Page PHYSICAL_IMG_NR="1">
    <TopMargin><TextBlock ID="t"><TextLine><String CONTENT="RUNNING HEAD"/></TextLine></TextBlock></TopMargin>
    <PrintSpace>
      <TextBlock ID="b1" HPOS="0" VPOS="50" WIDTH="90" HEIGHT="9"><TextLine><String CONTENT="A" WC="0.9"/><SP/>
        <String CONTENT="Wind" WC="0.5"/><String CONTENT="&amp;"/><HYP CONTENT="-"/></TextLine>
        <TextLine><String CONTENT="Mühle"/><SP/><String CONTENT="turns."/></TextLine></TextBlock>
      <ComposedBlock><TextBlock ID="b2" HPOS="0" VPOS="0" WIDTH="90" HEIGHT="9"><TextLine>
        <String CONTENT="风"/><String CONTENT="车"/></TextLine></TextBlock></ComposedBlock>
    </PrintSpace></Page></Layout></alto>"""

HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><head><title></title>
 <meta name='ocr-system' content='tesseract 5.3.0'/><meta name='rendered-from' content='novel-7'/></head><body>
 <div class='ocr_page' id='page_1' title='image "p1.png"; bbox 0 0 1000 2000; ppageno 0'>
  <div class='ocr_carea' title="bbox 0 0 90 9">
   <p class='ocr_par' lang='eng' title="bbox 0 0 90 9">
    <span class='ocr_line' title="bbox 0 0 90 4; baseline 0 0">
     <span class='ocrx_word' title='bbox 0 0 9 4; x_wconf 90'><strong>It&nbsp;is</strong></span>
     <span class='ocrx_word' title='bbox 9 0 20 4; x_wconf 50'>rain-</span></span>
    <span class='ocr_line' title="bbox 0 5 90 9"><span class='ocrx_word' title='x_wconf 90'>ing.</span></span></p>
   <p class='ocr_par'><span class='ocr_header' title="bbox 0 0 1 1">HEAD</span><span class='ocrx_line'>二。</span></p>
  </div></div>
 <div class='ocr_page' id='page_2'><span class='ocr_line'>loose one</span><span class='ocr_line'>loose two</span></div>
</body></html>"""


@pytest.mark.parametrize("kind", [str, bytes])
@pytest.mark.parametrize(
    ("told", "text", "named"),
    [
        (
            PAGE,
            "Chapter\n\n第一行，第二行。\n\nWithin.\n\nIt was an example of it.\n\nLeft over.",
            {"image": "p1.png", "system": "renderer 2", "renderedFrom": "novel-7", "confidence": "0.6591"},
        ),
        (ALTO, "风车\n\nA Wind&Mühle turns.", {"image": "p.tif", "system": "tesseract 5.3", "confidence": "0.5800"}),
        (
            HOCR,
            "It is raining.\n\n二。\n\nloose one\nloose two",
            {"image": "p1.png", "system": "tesseract 5.3.0", "rendered-from": "novel-7", "confidence": "0.7533"},
        ),
    ],
    ids=["page", "alto", "hocr"],
)
def test_xml(kind: type, told: str, text: str, named: dict[str, str]) -> None:
    found = read_layout(told if kind is str else told.encode(), Layout())
    assert isinstance(found, Reading)
    assert found.text == text
    assert {name: found.told.get(name) for name in named} == named


def blocks(*texts: str, **more: list[Any]) -> list[dict[str, Any]]:
    return [{"text": text} | {name: values[n] for name, values in more.items()} for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("told", "text"),
    [
        # dots.ocr: in reading order; pictures have no text.
        (
            [
                {"bbox": [0, 0, 9, 1], "category": "Page-header", "text": "A PREPRINT"},
                {"bbox": [0, 2, 9, 5], "category": "Picture"},
                {"bbox": [0, 6, 9, 9], "category": "Text", "text": "One line\nand one more."},
            ],
            "One line\nand one more.",
        ),
        # MinerU: a list over pages; its blocks of lines of spans.
        ([{"type": "text", "text": "页一", "page_idx": 0}, {"type": "page_number", "text": "1"}], "页一"),
        (
            {"pdf_info": [{"page_idx": 1, "para_blocks": [{"type": "text", "lines": [
                {"spans": [{"content": "The"}, {"content": "first"}]}, {"spans": [{"content": "page."}]}]}]},
                {"page_idx": 0, "para_blocks": [{"type": "title", "lines": [{"spans": [{"content": "题目"}]}]}],
                 "discarded_blocks": [{"type": "discarded", "lines": [{"spans": [{"content": "7"}]}]}]}]},
            "题目\n\nThe first page.",
        ),
        # PaddleOCR, Surya, FUNSD.
        (
            {"parsing_res_list": [{"block_label": "text", "block_content": "B", "block_order": 2},
                                  {"block_label": "doc_title", "block_content": "A", "block_order": 1}]},
            "A\n\nB",
        ),
        ({"text_lines": [{"text": "a line", "confidence": 0.9}, {"text": "another"}], "image_bbox": [0, 0, 9, 9]},
         "a line\nanother"),
        ({"form": [{"box": [1, 2, 3, 4], "words": [{"text": "R&D"}, {"text": "Date"}], "label": "question", "id": 0}]},
         "R&D Date"),
        # By numbers, of each page; a block of lines; empty ones.
        (blocks("d", "c", "b", "a", order=["10", "9", 1, 2], page=[1, 1, 0, 0]), "b\n\na\n\nc\n\nd"),
        ([{"lines": [{"words": [{"text": "Vor-"}, {"text": "und"}]}, "Nach-", "teile"]}], "Vor- und Nachteile"),
        ([{"lines": ["well-", "known", {"text": "exam-"}, "ple"]}, {"text": " "}, {"lines": []}], "wellknown example"),
        ([], ""),
        ({"image": "a.png", "blocks": []}, ""),
    ],
)  # fmt: skip
def test_json(told: Any, text: str) -> None:
    found = read_layout(json.dumps(told), Layout())
    assert isinstance(found, Reading)
    assert found.text == text


def test_what_a_file_tells_beside_its_blocks() -> None:
    told = {"image": "a.png", "from": ["doc-1"], "seed": 7, "blocks": [{"text": "T", "score": 0.25}]}
    found = read_layout(json.dumps(told), Layout())
    assert isinstance(found, Reading)
    assert {name: found.told[name] for name in ("image", "from", "seed", "confidence")} == {
        "image": "a.png",
        "from": '["doc-1"]',
        "seed": "7",
        "confidence": "0.2500",
    }


@pytest.mark.parametrize(
    "told",
    ["", "text", "3", "null", '"text"', '["a"]', "[3]", "[[3]]", '{"blocks": [3]}', '[{"text": 3}]', "[" * 50,
     "[" * 5000, '{"lines": [7]}', "<", "<html><body><p>A page.</p></body></html>", "<alto/>",
     "<a/>", "<PcGts>", "<html><body>no end", "<!DOCTYPE a [<!ENTITY b 'c'>]><alto>&b;</alto>",
     '<?xml version="1.0" encoding="none-such"?><alto/>', "<html><Page/></html>"],
)  # fmt: skip
def test_what_is_no_layout(told: str) -> None:
    assert read_layout(told, Layout()) == "not_a_layout"
    assert read_layout(told.encode(), Layout()) == "not_a_layout"


def test_limits_and_orders_that_are_not_known() -> None:
    assert read_layout("[]" + " " * 100, Layout(page_bytes_max=100)) == "page_too_large"
    assert read_layout(json.dumps([{"text": "a", "order": 1}, {"text": "b"}]), Layout()) == "no_reading_order"
    assert read_layout(json.dumps([{"text": "a", "bbox": [0, 0, 9]}]), Layout(order="boxes")) == "no_reading_order"
    for deep in (300, 100_000):
        nested = "<div class='ocr_page'>" * deep + "</div>" * deep
        assert read_layout(f"<html>{nested}</html>", Layout()) == "page_too_deep"
    many = [{"text": "a", "bbox": [0, n, 9, n + 1]} for n in range(BOXES_MAX + 1)]
    assert read_layout(json.dumps(many), Layout(order="boxes")) == "no_reading_order"
    footer = [{"text": "a", "order": 1}, {"text": "7", "type": "Page footer"}]
    assert read_layout(json.dumps(footer), Layout()) == Reading("a", {})


TWO_COLUMNS = blocks(
    "right 2", "title", "left 2", "right 1", "left 1", "foot",
    bbox=[[50, 30, 90, 60], [20, 0, 70, 9], [1, 40, 41, 60], [50, 10, 90, 31], [0, 10, 40, 39], [0, 70, 90, 80]],
)  # fmt: skip
# Paragraphs of both columns end at one height; the boxes of both columns overlap at their edges.
ALIGNED = blocks(
    "right 2", "right 1", "title", "left 2", "left 1",
    bbox=[[40, 35, 90, 60], [40, 10, 90, 31], [20, 0, 70, 11], [0, 35, 42, 60], [0, 10, 42, 31]],
)  # fmt: skip
STACKED = blocks("b", "c", "a", bbox=[[0, 40, 90, 20], [0, 70, 90, 10], [0, 0, 90, 30]])
STAIRS = blocks("a", "c", "b", bbox=[[50, 0, 40, 9], [0, 40, 35, 9], [30, 20, 40, 9]])
SIZES = [one | {"bbox": [x, y, right - x, low - y]} for one in TWO_COLUMNS for x, y, right, low in [one["bbox"]]]
CORNERS = [
    one | {"polygon": [[x, low], [x, y], [right, y], [right, low]], "bbox": None}
    for one in TWO_COLUMNS
    for x, y, right, low in [one["bbox"]]
]
VERTICAL = blocks(
    "左列", "右列", "下左", "下右", bbox=[[0, 0, 10, 50], [20, 0, 30, 50], [0, 60, 10, 90], [20, 60, 30, 90]]
)


@pytest.mark.parametrize(
    ("told", "how", "text"),
    [
        (TWO_COLUMNS, Layout(order="boxes"), "title left 1 left 2 right 1 right 2 foot"),
        (ALIGNED, Layout(order="boxes"), "title left 1 left 2 right 1 right 2"),
        (STACKED, Layout(order="boxes", boxes="sizes"), "a b c"),
        (STAIRS, Layout(order="boxes", boxes="sizes"), "a b c"),
        (SIZES, Layout(order="boxes", boxes="sizes"), "title left 1 left 2 right 1 right 2 foot"),
        (CORNERS, Layout(order="boxes", boxes="sizes"), "title left 1 left 2 right 1 right 2 foot"),
        (TWO_COLUMNS, Layout(), "right 2 title left 2 right 1 left 1 foot"),
        (VERTICAL, Layout(order="boxes_vertical"), "右列 左列 下右 下左"),
        ([*VERTICAL, {"text": "前", "page": -1, "bbox": [0, 0, 1, 1]}], Layout(order="boxes_vertical"),
         "前 右列 左列 下右 下左"),
    ],
)  # fmt: skip
def test_order_by_boxes(told: list[dict[str, Any]], how: Layout, text: str) -> None:
    found = read_layout(json.dumps(told), how)
    assert isinstance(found, Reading)
    assert found.text.replace("\n\n", " ") == text


def test_lines_as_they_are_on_the_page() -> None:
    found = read_layout(ALTO, Layout(lines="keep", leave_out=()))
    assert isinstance(found, Reading)
    assert found.text == "风车\n\nA Wind&-\nMühle turns.\n\nRUNNING HEAD"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["It rains", "today."], "It rains today."),
        (["exam-", "ple"], "example"),
        (["Baden-", "Württemberg"], "Baden-Württemberg"),
        (["1990-", "1995"], "1990- 1995"),
        (["so –", "said he"], "so – said he"),
        (["Wort¬", "ende"], "Wortende"),
        (["при-", "мер"], "пример"),
        (["今天下", "雨。", "明天晴"], "今天下雨。明天晴"),
        (["用", "Python", "写"], "用 Python 写"),
        (["한국어", "문장"], "한국어 문장"),
        (["  a  ", "", " b "], "a b"),
        ([], ""),
    ],
)
def test_lines_become_a_paragraph(lines: list[str], text: str) -> None:
    assert joined(lines) == text


SIDES = st.tuples(st.floats(-100, 100), st.floats(-100, 100)).map(sorted)
BOX = st.tuples(SIDES, SIDES).map(lambda sides: (sides[0][0], sides[1][0], sides[0][1], sides[1][1]))


@settings(max_examples=100, deadline=None)
@given(st.lists(BOX, max_size=30))
def test_every_box_is_read_once(boxes: list[tuple[float, float, float, float]]) -> None:
    for is_vertical in (False, True):
        assert sorted(reading_order(boxes, is_vertical=is_vertical)) == list(range(len(boxes)))


KEYS = ("blocks", "pages", "lines", "words", "text", "bbox", "order", "type", "page")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from(["told", "boxes"]))
def test_any_json_is_read_or_set_aside(value: object, order: Any) -> None:
    found = read_layout(json.dumps(value), Layout(order=order))
    assert isinstance(found, Reading) or found in ("not_a_layout", "no_reading_order")


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([PAGE, ALTO, HOCR]), st.integers(0, 2000), st.integers(0, 200), st.text(max_size=5))
def test_any_xml_is_read_or_set_aside(told: str, at: int, cut: int, put: str) -> None:
    found = read_layout(told[:at] + put + told[at + cut :], Layout())
    assert isinstance(found, Reading) or found in ("not_a_layout", "no_reading_order")
