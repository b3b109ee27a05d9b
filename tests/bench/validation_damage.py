"""Families of strings and layouts of other sites, to see whether rules that are written beside some carry to others."""

from validation_blogs import BLOGS
from validation_marks import MARKS
from validation_mixed import MIXED
from validation_portals import PORTALS
from validation_shops import SHOPS

from jobs.damage.family import Family

VALIDATION: dict[str, Family] = {"portals": PORTALS, "blogs": BLOGS, "shops": SHOPS, "mixed": MIXED, "marks": MARKS}
