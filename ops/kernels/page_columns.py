"""The columns of the counts of a page."""

from ops.kernels.page_tables import KINDS_OF_CHAR

# First characters by their kind, as `page_tables` numbers them.
CHARS = KINDS_OF_CHAR
DISTINCT, DAMAGED_CHARS, ALPHANUMERICS, BRACKETS, URL_CHARS, LENTICULAR_CHARS = range(CHARS + 1, CHARS + 7)
LINES, LINE_CHARS, ENDED_LINES, SHORT_LINES, MORE_LINES, BULLET_LINES, PASSING_LINES = range(CHARS + 7, CHARS + 14)
CODE_CHARS, TEMPLATE_LINES, LISTED_TOKENS = range(CHARS + 14, CHARS + 17)
SENTENCES, LONGEST_WORD, WORDS, TOKENS, TOPIC_TOKENS, DISTINCT_TOPICS, TOP_TOKEN, TOP_TEN = range(
    CHARS + 17, CHARS + 25
)
# Of the lines behind a fence of Markdown: whether there was one, their characters, and those of code and of prose.
FENCED, FENCED_CHARS, FENCED_CODE, FENCED_PROSE = range(CHARS + 25, CHARS + 29)
COLUMNS = CHARS + 29

# What is known of a title beside the counts: its topic tokens, distinct, of kinds that the text has, and how many of
# them are in the text.
KNOWN_TOPICS, FOUND_TOPICS = range(2)
