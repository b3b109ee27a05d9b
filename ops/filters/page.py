"""Page signals: one column of numbers that the page filters compare with their limits."""

from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ops.columns import with_column
from ops.contract import Op
from ops.filters.page_titles import count_in_titles, normalized
from ops.filters.rules import is_chinese, share
from ops.kernels import page_columns as counted
from ops.kernels import page_tables as kinds
from ops.kernels.buffers import valid_utf8
from ops.kernels.page import PageCounts, count_page

# In fewer tokens than these, three mentions are a topic and not stuffing; a title of fewer says too little.
_TOKENS_MIN = 50
_TITLE_TOKENS_MIN = 6

_COUNTS = {
    "chars": counted.CHARS,
    "distinct_chars": counted.DISTINCT,
    "punctuation_chars": kinds.PUNCT,
    "lines": counted.LINES,
    "passing_lines": counted.PASSING_LINES,
    "sentences": counted.SENTENCES,
    "longest_word_chars": counted.LONGEST_WORD,
    "tokens": counted.TOKENS,
}
_LETTERS = {
    "latin_letter_share": kinds.LATIN,
    "han_letter_share": kinds.HAN,
    "kana_letter_share": kinds.KANA,
    "hangul_letter_share": kinds.HANGUL,
    "cyrillic_letter_share": kinds.CYRILLIC,
    "other_letter_share": kinds.OTHER_LETTER,
}
_VISIBLE = {"punctuation_share": kinds.PUNCT, "symbol_share": kinds.SYMBOL}
# Fields that are one count divided by another; 0 where that one is 0.
_SHARES = {
    "digit_share": (kinds.DIGIT, counted.CHARS),
    "whitespace_share": (kinds.BLANK, counted.CHARS),
    "han_char_share": (kinds.HAN, counted.CHARS),
    "damaged_char_share": (counted.DAMAGED_CHARS, counted.CHARS),
    "url_char_share": (counted.URL_CHARS, counted.CHARS),
    "bracket_char_share": (counted.BRACKETS, counted.CHARS),
    "lenticular_char_share": (counted.LENTICULAR_CHARS, counted.CHARS),
    "distinct_char_share": (counted.DISTINCT, counted.CHARS),
    "mean_line_chars": (counted.LINE_CHARS, counted.LINES),
    "ended_line_share": (counted.ENDED_LINES, counted.LINES),
    "short_line_share": (counted.SHORT_LINES, counted.LINES),
    "read_more_line_share": (counted.MORE_LINES, counted.LINES),
    "bullet_line_share": (counted.BULLET_LINES, counted.LINES),
    "code_char_share": (counted.CODE_CHARS, counted.LINE_CHARS),
    "keyword_list_token_share": (counted.LISTED_TOKENS, counted.TOKENS),
    "template_line_share": (counted.TEMPLATE_LINES, counted.LINES),
}
_TITLE_COUNTS = ("title_separators", "title_items", "title_contacts")
_COMPUTED = (
    "letter_share",
    "non_alphanumeric_share",
    "unpunctuated_digit_share",
    "char_entropy_nats",
    "top_token_share",
    "top_ten_token_share",
    "title_repeated_token_share",
    "title_found_token_share",
)

PAGE = pa.field(
    "page",
    pa.struct(
        [
            pa.field("profile", pa.string()),
            *(pa.field(name, pa.int64()) for name in (*_COUNTS, *_TITLE_COUNTS)),
            *(pa.field(name, pa.float64()) for name in (*_LETTERS, *_VISIBLE, *_SHARES, *_COMPUTED)),
        ]
    ),
    nullable=False,
)


class PageSignals(Op):
    """Add the column `page`, for `script_mix`, `chinese_web`, `nemo_characters`, `code`, `stuffing` and `title_spam`.

    `profile` is `zh` or `en`: by the column `lang` where there is one, else `zh` where there are as many Han characters
    as words of other scripts. Lines are those of `str.splitlines` that are not blank, without their outer spaces.

    Characters: shares of letters by script; `letter_share`, `punctuation_share` and `symbol_share` are of what is no
    space, `unpunctuated_digit_share` of what is neither punctuation nor symbol (CT-LLM), all others of all characters.
    Damaged are □ ■ U+FFFD and private use (c4-dataset-script); brackets, URLs (`http://` up to a space or what is not
    ASCII) and what is not alphanumeric (ASCII letters, digits, newlines, `?!,.`) are NeMo Curator's, and so is the
    longest word, which unspaced characters end; lenticular characters stand within 【】 (CT-LLM), as the entropy of
    characters is CT-LLM's.

    Lines: ended ones end in 。 ！ ？ …… ” ： or 」 』, and passing ones have 5 characters and no damaged one besides
    (c4-dataset-script); short ones have fewer; "read more" is 展开, 更多, 。。。, `...` or `read more` at the end,
    bullets are 15 characters, sentences lie between marks of `.!?…;"` and their wide forms (CT-LLM). Mean characters
    are ChineseWebText's, but of lines that are not blank.

    Code is characters on lines that look like code (`ops.kernels.code_lines`), or between fences of Markdown.

    Tokens are folded words with a letter, and pairs of unspaced characters. The shares of the most frequent token, and
    of the ten most frequent, leave out words and characters of grammar, and are 0 in texts of fewer than 50 tokens. A
    keyword list is a line of 8 tokens or more, at most five between two separators, a tenth of them of grammar, without
    an end mark. Lines of 8 characters are of a template where three short ones begin with the same 12 columns, or have
    the same shape of letters, numbers and marks; a number is one, whatever its digits.

    Titles, where sources map a column `title`: separators (`|`, `_`, a hyphen after Han or between spaces), items (that
    commas, spaces after Han and separators part), contacts (phone numbers, labelled accounts, invitations), the share
    of tokens that repeat another (0 of fewer than six), and of those that the text has (1 of fewer than six, or where
    the text has fewer than 50 tokens of that kind, as below a title in another script).
    """

    op: Literal["page_signals"] = "page_signals"
    adds: ClassVar[tuple[pa.Field, ...]] = (PAGE,)
    measures: ClassVar[bool] = True

    def edit(self, batch: pa.Table) -> pa.Table:
        """Measure `text`, and `title` where there is one."""
        titles = normalized(valid_utf8(batch["title"])) if "title" in batch.column_names else None
        found = count_page(valid_utf8(batch["text"]), titles)
        text = found.text
        chinese = is_chinese(batch, text[:, kinds.HAN] >= np.maximum(text[:, counted.WORDS] + text[:, kinds.KANA], 1))
        letters = text[:, kinds.LATIN : kinds.OTHER_LETTER + 1].sum(axis=1)
        visible = text[:, counted.CHARS] - text[:, kinds.BLANK]
        in_titles = count_in_titles(titles) if titles is not None else dict.fromkeys(_TITLE_COUNTS, text[:, 0] * 0)
        columns = [
            pa.array(np.where(chinese, "zh", "en"), pa.string()),
            *(pa.array(text[:, column], pa.int64()) for column in _COUNTS.values()),
            *(pa.array(in_titles[name], pa.int64()) for name in _TITLE_COUNTS),
            *(pa.array(share(text[:, column], letters)) for column in _LETTERS.values()),
            *(pa.array(share(text[:, column], visible)) for column in _VISIBLE.values()),
            *(pa.array(share(text[:, part], text[:, whole])) for part, whole in _SHARES.values()),
            *(pa.array(values) for values in _computed(found, letters, visible)),
        ]
        return with_column(batch, PAGE, pa.StructArray.from_arrays(columns, fields=list(PAGE.type)))


def _computed(
    found: PageCounts, letters: NDArray[np.int64], visible: NDArray[np.int64]
) -> tuple[NDArray[np.float64], ...]:
    """Return the fields of `_COMPUTED`."""
    text, title, known = found.text, found.title, found.known
    chars, tokens = text[:, counted.CHARS], text[:, counted.TOKENS]
    marks = text[:, kinds.PUNCT] + text[:, kinds.SYMBOL]
    enough = tokens >= _TOKENS_MIN
    title_tokens = title[:, counted.TOPIC_TOKENS]
    repeated = share(title_tokens - title[:, counted.DISTINCT_TOPICS], title_tokens)
    told = known[:, counted.KNOWN_TOPICS] >= _TITLE_TOKENS_MIN
    return (
        share(letters, visible),
        share(chars - text[:, counted.ALPHANUMERICS], chars),
        share(text[:, kinds.DIGIT], chars - marks),
        found.entropy,
        share(text[:, counted.TOP_TOKEN], tokens) * enough,
        share(text[:, counted.TOP_TEN], tokens) * enough,
        repeated * (title_tokens >= _TITLE_TOKENS_MIN),
        np.where(told, share(known[:, counted.FOUND_TOPICS], known[:, counted.KNOWN_TOPICS]), 1.0),
    )
