"""Which lines are code: cases of code, and of all that only resembles it. That it equals a twin, `test_page` checks."""

import pyarrow as pa
import pytest
from page_twin import is_code

from ops.kernels.page import count_page
from ops.kernels.page_columns import CODE_CHARS

CODE = """\
for (int i = 0; i < n; i++) {
    total += prices[i] * rate(i);
});
}
return self.value;
def read_lines(path, *, limit=None):
class Reader(Base):
import java.util.List;
#include <stdio.h>
public static void main(String[] args) {
const answer = await fetch(url);
if (a == b && c != d) {
    user_name = "maria"
items = [1, 2, 3]
SELECT name, total FROM orders WHERE total >= 10;
$total = $_POST["total"];
<div class="page">
<p>Some text.</p></div>
<!-- a comment -->
// the total of all prices that are not yet paid for by them
/* the beginning
color: #ff0000;
"name": "maria",
>>> len(names)
tar --extract -f $archive
std::vector<int> found;
names.forEach(name => print(name))
fn area(side: f64) -> f64 {
打印(“你好”); x_value = get_value();
// 统计所有尚未付清的价格之和
print("你好，世界")
name = "图书馆"
""".splitlines()

# Prose, poems, statutes, tables, mathematics, lists, dialogue, letters, in English and Chinese.
PROSE = """\
The committee met on Tuesday (in the old hall) to discuss the new library.
Shall I compare thee to a summer's day?
Thou art more lovely and more temperate;
(a) the costs incurred by the Company (including all taxes);
(b) any person(s) named in section 12(1)(b) of the Act; and
provided that the Buyer has given notice under clause 4.2;
12.5    13.0    14.75    -2.1
| 1999 | 12.3 | 4.5 |
+------+------+
f(x) = 2x + 1;
y = sin(x) + cos(y)
E = mc^2 = 90 PJ
x -> 0, y -> 1
\\int_0^1 \\frac{x_{ij}}{2} dx = \\sum_{i} a_i
\\delta := \\frac{a}{b} -> 0;
Let $x$ be a number, and $y$ another.
"Yes," she said; "but not today."
"Really?": so he asked.
Dear Sir or Madam:
Chapter 1: The Beginning
- one of the (many) reasons
* and/or something else
## What is it for?
Contact: maria@example.org, https://example.org/a_b/c_d?e=f&g=(h)
See https://example.org/read_file() for more.
Tom & Jerry <3
50% off -- today only
PM/AM, he/she, km/h, C:D
委员会在周二的会议上讨论了设计方案（第一稿）；
第十二条 当事人应当遵循公平原则确定各方的权利和义务；
他说：“明天（周三）再来吧。”
床前明月光，疑是地上霜；
《红楼梦》（又名《石头记》）
设 f(x)=2x+1，则 f(2)=5；
編號：12-3、價格：35元（含稅）
图书馆 -> 阅览室 -> 书架
使用函数 read_lines() 读取文件的每一行内容，然后返回一个列表。
""".splitlines()


@pytest.mark.parametrize("line", CODE)
def test_code(line: str) -> None:
    assert is_code(line.strip())
    assert count_page(pa.array([line])).text[0, CODE_CHARS] == len(line.strip())


@pytest.mark.parametrize("line", PROSE)
def test_what_only_resembles_code(line: str) -> None:
    assert not is_code(line.strip())
    assert count_page(pa.array([line])).text[0, CODE_CHARS] == 0
