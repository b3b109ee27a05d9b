"""The sample corpus in words: one grammar per language (slot -> ways to fill it), and the writer that follows it."""

# ruff: noqa: SIM905 - word lists read best as words.

from random import Random

from jobs.damage.grammar import Grammar, Slots


def _article(word: str) -> str:
    return f"{'an' if word[0] in 'aeiou' or word.startswith('honest') else 'a'} {word}"


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


_ROLES = """
baker surveyor teacher ferry-pilot carpenter librarian gardener mechanic nurse weaver clerk printer glazier tailor
painter farmer beekeeper miller potter translator archivist cook driver engineer plumber mason shepherd postmaster
singer cellist juggler cartographer botanist geologist astronomer auditor lawyer judge mayor councillor apprentice
innkeeper watchmaker locksmith bookbinder photographer reporter editor dancer swimmer climber cyclist sailor diver
forester ranger brewer grocer barber welder roofer tinker courier warden curator student neighbour visitor volunteer
""".split()
_THINGS = """
bridge lantern ledger kettle window staircase barrel compass rowing-boat anchor ladder workbench clock telescope
notebook parcel bicycle cart wagon tractor plough chimney stove oven cupboard drawer mirror painting tapestry carpet
blanket coat boot basket bucket rope net sail mast oar engine turbine pump valve pipe wire switch battery radio antenna
camera lens microscope map atlas postcard stamp envelope poster banner drum violin flute trumpet organ bell tower gate
fence wall roof beam brick tile pillar arch tunnel canal sluice dam reservoir well fountain orchard hedge meadow
vineyard greenhouse seedling pumpkin cabbage apple loaf cheese teapot saucer spoon hammer chisel saw needle thimble
loom wheel axle spring magnet hinge key padlock chest crate pallet scale thermometer barometer sundial calendar
chart table bench stool chair cradle toy kite puppet mask costume hat scarf glove umbrella walking-stick tent stove-pipe
signpost milestone railing platform carriage locomotive tramcar trolley sledge kayak raft buoy lighthouse jetty crane
""".split()
_MATTERS = """
plan agreement budget question rumour custom habit debate promise schedule survey petition proposal lesson mistake
discovery harvest drought flood storm festival concert exhibition election strike journey rehearsal experiment
recipe method rule exception argument memory tradition dispute bargain repair delay shortage surplus inspection
measurement forecast warning invitation apology celebration reunion competition lecture workshop interview report
letter story song legend riddle puzzle theory estimate comparison
""".split()
_THING_ADJECTIVES = """
narrow wooden rusty heavy broken borrowed second-hand painted crooked polished dusty hollow copper brass iron enamel
faded striped ornate plain sturdy fragile portable antique modern oversized tiny curved folded sealed leaking silent
noisy bright pale crimson amber emerald turquoise ivory charcoal speckled woven carved stitched riveted welded
varnished cracked mended spare missing forgotten unfinished rebuilt imported handmade local cheap costly reliable
stubborn awkward elegant simple complicated waterproof frozen damp warm cold smooth rough sharp blunt round square
tall short wide shallow deep ancient temporary
""".split()
_PERSON_ADJECTIVES = """
patient retired young elderly cheerful anxious curious stubborn generous quiet talkative careful careless experienced
ambitious modest tireless absent-minded punctual sceptical hopeful exhausted famous self-taught travelling local
foreign clever practical gentle strict witty thrifty proud honest nervous brave forgetful
""".split()
_DEEDS = """
repaired painted measured carried sold bought borrowed inspected dismantled rebuilt polished sketched photographed
catalogued hid discovered delivered collected weighed cleaned replaced designed tested admired ignored lifted loaded
unpacked wrapped labelled numbered stored lost recovered restored exchanged donated rented registered insured moved
raised lowered covered protected examined described mentioned remembered improved adapted copied altered shortened
extended strengthened abandoned rescued traded auctioned displayed demonstrated
""".split()
_BARE_DEEDS = """
repair paint measure carry sell buy borrow inspect dismantle rebuild polish sketch photograph catalogue hide deliver
collect weigh clean replace design test lift load unpack wrap label number store recover restore exchange donate rent
register insure move raise lower cover protect examine describe improve adapt copy alter shorten extend strengthen
abandon rescue trade auction display demonstrate
""".split()
_SPOKE = """
explained insisted recalled admitted argued claimed suspected announced suggested believed noticed complained
predicted agreed joked repeated concluded warned doubted hoped
""".split()
_PLACES = """
harbour market mill station library schoolhouse town-hall bakery shipyard quarry brewery museum theatre chapel
courtyard warehouse workshop post-office railway-yard riverbank hillside valley crossroads village-green allotment
observatory hospital swimming-pool playground bus-depot ferry-landing customs-house granary stable barn cellar attic
kitchen boathouse lighthouse cottage guesthouse tea-room auction-room concert-hall sawmill tannery foundry pottery
fish-market flower-shop bookshop print-shop weather-station
""".split()
_ADVERBS = """
carefully slowly quietly reluctantly cheerfully quickly patiently stubbornly twice eventually finally rarely often
secretly openly gradually suddenly neatly roughly gladly politely firmly
""".split()

_PERSON_ENDS = "ina ek olf ara iso ette une ario una eth ilde wyn ander ika ora eo élie örn ía".split()
_SURNAME_ENDS = "sted mark vane low quist dorn field more inga tsen ley croft brand açon ellö ström".split()

_ENGLISH: Grammar = {
    "role": _ROLES,
    "roles": [_plural(word) for word in _ROLES],
    "a_role": [_article(word) for word in _ROLES],
    "thing": _THINGS,
    "things": [_plural(word) for word in _THINGS],
    "matter": _MATTERS,
    "matters": [_plural(word) for word in _MATTERS],
    "a_matter": [_article(word) for word in _MATTERS],
    "adj": _THING_ADJECTIVES,
    "an_adj": [_article(word) for word in _THING_ADJECTIVES],
    "trait": _PERSON_ADJECTIVES,
    "a_trait": [_article(word) for word in _PERSON_ADJECTIVES],
    "did": _DEEDS,
    "do": _BARE_DEEDS,
    "spoke": _SPOKE,
    "place": [word.replace("-", " ") for word in _PLACES],
    "adverb": _ADVERBS,
    "n": [str(number) for number in range(3, 990)],
    "small": "two three four five six seven eight nine ten eleven twelve thirteen fifteen twenty thirty forty".split(),
    "nth": "second third fourth fifth sixth seventh eighth ninth tenth twelfth longest shortest last".split(),
    "year": [str(year) for year in range(1871, 2024)],
    "month": "January February March April May June July August September October November December".split(),
    "weekday": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "head": "Mar Tel Ro An Bel Cor Dar El Fen Gar Hal Ivo Jor Kel Lin Mor Nar Or Per Quen Ras Sel Tor Ul Ves".split(),
    "given_end": _PERSON_ENDS,
    "surname_end": _SURNAME_ENDS,
    "town_end": "ford wick holm bury ness by mouth combe dale haven minster thorpe stead gate".split(),
    "person": ["{head}{given_end} {head}{surname_end}"],
    "town": ["{head}{town_end}", "{head}{town_end}", "Upper {head}{town_end}", "{head}a {head}{town_end}"],
    "who": [
        "the {role}", "the {trait} {role}", "{person}", "{hero}", "{a_role} from {town}", "{a_trait} {role}",
        "the {roles} of {here}", "{small} {roles}", "her {role}", "his {trait} {role}",
    ],
    "what": [
        "the {adj} {thing}", "{an_adj} {thing}", "the {thing}", "{small} {adj} {things}", "{n} {things}", "her {thing}",
        "the {topic}", "the {thing} and the {thing}", "that {adj} {thing}", "his {adj} {thing}", "their {things}",
    ],
    "where": [
        "at the {place}", "near the {place}", "behind the {place}", "in {town}", "between {here} and {town}",
        "outside the {place} of {town}", "opposite the {place}", "on the road to {town}",
    ],
    "when": [
        "in {month} {year}", "on {weekday}", "in {year}", "before {month}", "after the {matter}", "by {weekday}",
        "during the {matter}", "{small} days later", "since the {matter} of {year}", "every {month}",
    ],
    "sentence": [
        "{who} {did} {what} {where}, and {who} {did} {what}.",
        "{when}, {who} {did} {what} that {person} had {did} {where}.",
        "{who} {spoke} that {what} would not be ready {when}.",
        "it took {small} {roles} to {do} {what} {where}.",
        "the {matter} of {year} began with {what} and ended with {a_matter}.",
        "{who} and {who} have {adverb} {did} {what} {when}.",
        "there were {n} {things} {where}, most of them {adj}.",
        "to {do} {what}, {who} needed {what} and {a_matter}.",
        "“{who} {did} {what},” {person} {spoke}, “but the {matter} is ours.”",
        "{hero} kept {what} {where} until {who} {adverb} {did} it.",
        "nobody {where} could {do} {what} without {what}.",
        "of all the {matters} in {here}, the {matter} about {what} was the {nth}.",
        "{who}, who had {did} {what}, {spoke} that {a_matter} was needed.",
        "when {who} {did} {what}, the {place} of {town} fell {adverb} silent.",
        "the {topic} cost {n} crowns, which {who} {adverb} {did} {when}.",
        "{who} would rather {do} {what} than have {a_matter} with {who}.",
        "by the time {who} {did} {what}, {hero} had {did} {what}.",
        "if {who} had {did} {what} {when}, the {matter} might have been shorter.",
        "{what} stood {where}, and with it {what}.",
        "the {place} is where {who} {did} {what} — {adverb}, as {person} {spoke}.",
        "both {person} and {who} {spoke} that the {matter} had to wait {when}.",
        "a visit to the {place} changed nothing, but {what} {where} did.",
        "{small} of the {things} were {adj}; {who} {did} the others {when}.",
        "{who} was asked to {do} {what}, {what} and {what}.",
        "{here} has {n} {roles}, and {small} of them {did} {what}.",
        "whether {who} {did} {what} or {what} is still {a_matter} {where}.",
        "the {trait} {role} {adverb} {did} what {who} had {did} {when}.",
        "after {a_matter}, {who} {did} {what} and walked to {town}.",
        "not every {role} can {do} {what}, {who} {spoke} {where}.",
        "it was {hero} that {did} {what} and, {when}, {did} {what}.",
    ],
    "sentence_open": [
        "{when}, {hero} came to {here} with {what}.",
        "the {matter} {where} is about the {topic}.",
        "{who} still talk of the {topic} that {hero} {did}.",
        "{here} lies {n} miles from {town}, and {who} {did} {what} there.",
        "few {roles} have {did} as many {things} as {hero}.",
    ],
    "post": [
        "I {did} my {topic} {when} and it is still {adj}.",
        "has anyone here {did} {what} with {what}?",
        "my {role} says that you have to {do} {what} first.",
        "we {did} {what} {where}, but the {thing} was too {adj}.",
        "thanks to {person} I could {do} {what} {when}.",
        "don’t {do} {what} before the {matter}, it cost me {n} crowns.",
        "in {here} you can find {a_trait} {role} with {what}.",
        "the {adj} ones are the best of the {things}, and {small} will do.",
        "you could {adverb} {do} {what} and ask {who}.",
        "what I have is {what}, {n} cm, with {an_adj} {thing}.",
        "same {matter} {where}: {who} {did} {what}.",
        "honestly, {what} {where} is not worth the {matter}.",
        "I agree with {person} that {what} beats {what}.",
        "to be fair, {who} {did} {what} {when}.",
    ],
    "post_open": [
        "hello all, I have {an_adj} {topic} and {a_matter}.",
        "question about the {topic} from {here}.",
        "update {when}: the {topic} is {adj}.",
        "@{head}{n}, that is {a_matter} of the {thing}.",
        "so {who} {did} my {topic} {when}.",
    ],
    "lesson": [
        "{an_adj} {thing} is used to {do} {what}.",
        "first, {do} the {thing}; then {do} the {adj} {thing} with care.",
        "suppose that {small} {roles} {do} {n} {things} in {small} days.",
        "the {matter} shows that {what} and {what} have {a_matter} in common.",
        "for example, {who} can {do} {what} {where}.",
        "note that the {thing} must be {adj} before the {matter}.",
        "each {role} has {n} {things} and needs {n} {things} to {do}.",
        "by contrast, {an_adj} {thing} is seldom {did} with {what}.",
        "this {matter} explains why the {adj} {thing} of {town} was {did}.",
        "we compare {what} with {what} to understand the {matter}.",
        "therefore the {topic} is {adj} and the {thing} is {adj}.",
        "exercise {n}: explain how {who} {did} {what} {when}.",
        "remember that {a_matter} of {things} comes before {a_matter} of {things}.",
    ],
    "lesson_open": [
        "section {n}: the {topic} and the {thing}.",
        "in this section we {do} the {topic} and {a_matter}.",
        "key idea {n}: {an_adj} {topic} is {a_matter} of {things}.",
    ],
    "accented": ["“The café of {town} sold {n} crème brûlées — for €{n},” {person} {spoke}, “and that’s {a_matter}.”"],
    "edit": [
        "the {adj} {thing} of {town}", "{small} {adj} {things} from {town}", "some {adj} {things} and {things}",
        "that {trait} {role} with {things}", "one {adj} {thing} for {roles}",
    ],
}  # fmt: skip

_CHINESE: Grammar = {
    "role": """
        面包师 教师 木匠 馆员 园丁 护士 裁缝 画家 农民 蜂农 陶工 译者 厨师 司机 工程师 水管工 石匠 牧人 邮差 歌手 琴师
        植物学家 地质学家 律师 法官 镇长 学徒 店主 修钟匠 锁匠 摄影师 记者 编辑 舞者 水手 潜水员 护林员 杂货商 剃头匠
        焊工 信使 馆长 学生 邻居 游客 志愿者 船夫 会计 药剂师 测量员 渔民 茶农 铁匠 织工 村民 掌柜 队长 校长 研究员
        退休工人
    """.split(),
    "thing": """
        灯笼 账本 水壶 窗户 楼梯 木桶 罗盘 小船 铁锚 梯子 工作台 挂钟 望远镜 笔记本 包裹 自行车 马车 拖拉机 烟囱 炉子
        橱柜 镜子 油画 地毯 毛毯 大衣 靴子 竹篮 绳索 渔网 船帆 发动机 水泵 阀门 管道 电线 开关 电池 收音机 天线 相机
        镜头 显微镜 地图 明信片 邮票 信封 海报 横幅 鼓 小提琴 长笛 铜钟 铁门 篱笆 围墙 屋顶 横梁 砖块 瓦片 石柱 拱门
        隧道 运河 水闸 水库 喷泉 果园 草地 温室 幼苗 南瓜 白菜 苹果 面包 茶壶 碟子 锤子 凿子 锯子 织机 车轮 弹簧 磁铁
        钥匙 挂锁 木箱 秤 温度计 气压计 日历 图表 长凳 椅子 摇篮 玩具 风筝 木偶 面具 戏服 帽子 围巾 手套 雨伞 帐篷
        路牌 栏杆 站台 车厢 机车 电车 雪橇 木筏 浮标 灯塔 码头 吊车 石桥
    """.split(),
    "matter": """
        计划 协议 预算 问题 传闻 习俗 争论 承诺 日程 调查 请愿 提案 课程 错误 发现 收成 干旱 洪水 暴雨 节日 音乐会
        展览 选举 旅行 排练 实验 食谱 方法 规则 记忆 传统 纠纷 交易 维修 延误 短缺 检查 测量 预报 警告 邀请 道歉 庆典
        聚会 比赛 讲座 访谈 报告 故事 传说 谜语 理论 估算 比较
    """.split(),
    "adj": """
        狭窄 生锈 沉重 破旧 光滑 空心 褪色 华丽 朴素 结实 易碎 便携 古老 现代 巨大 细小 弯曲 密封 漏水 安静 吵闹 明亮
        暗淡 鲜红 翠绿 雪白 乌黑 粗糙 精致 开裂 备用 失踪 陌生 未完成 进口 手工 本地 便宜 昂贵 可靠 笨重 优雅 简单
        复杂 防水 冰冷 潮湿 温暖 锋利 圆形 方形 高大 低矮 宽阔 临时 普通 罕见 完整 干净 神秘
    """.split(),
    "trait": """
        耐心 年轻 年迈 开朗 焦虑 好奇 固执 慷慨 安静 健谈 细心 粗心 老练 谦虚 勤劳 守时 多疑 疲惫 有名 自学 聪明 务实
        温和 严格 幽默 节俭 诚实 紧张 勇敢 健忘
    """.split(),
    "do": """
        修理 粉刷 测量 搬运 出售 购买 借走 检查 拆除 重建 擦亮 描绘 拍摄 登记 藏起 发现 运送 收集 称量 清洗 更换 设计
        测试 欣赏 忽略 抬起 装上 打开 包装 编号 存放 丢失 找回 缝补 交换 捐出 租用 移动 升高 放低 覆盖 保护 研究 描述
        提到 改进 改造 抄写 缩短 延长 加固 放弃 抢救 拍卖 展示 演示
    """.split(),
    "spoke": "解释 坚持 回忆 承认 主张 声称 怀疑 宣布 建议 相信 注意到 抱怨 预测 同意 总结 警告 希望 认为".split(),
    "place": """
        港口 市场 磨坊 车站 图书馆 学校 镇公所 面包房 船厂 采石场 酒厂 博物馆 剧院 庭院 仓库 作坊 邮局 河岸 山坡 山谷
        路口 菜园 天文台 医院 泳池 操场 渡口 海关 粮仓 马厩 地窖 阁楼 厨房 船屋 农舍 客栈 茶馆 音乐厅 锯木厂 铸造厂
        鱼市 花店 书店 印刷厂 气象站
    """.split(),
    "adverb": "仔细地 慢慢地 悄悄地 勉强 高兴地 很快 耐心地 终于 很少 经常 公开 逐渐 突然 整齐地 客气地 再次".split(),
    "n": [str(number) for number in range(3, 990)],
    "small": "两 三 四 五 六 七 八 九 十 十一 十二 十五 二十 三十".split(),
    "year": [str(year) for year in range(1911, 2024)],
    "month": "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月".split(),
    "family": list("林陈周吴郑孙朱胡高罗梁宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡汤杜叶程苏魏吕丁任沈姚卢傅"),
    "given": list("安明远清思文雅宁子涵若晨书瑶雪松海青云庭君慧颖博嘉怡秋春竹梅兰舟川岚婷志诚敏学"),
    "person": ["{family}{given}{given}", "{family}{given}", "{family}{given}{given}"],
    "town_head": list("青白石柳云清松龙凤长东南西北新古金银竹梅莲桃沙江湖河泉岩临安永平"),
    "town_end": "镇 县 村 湾 桥 岭 溪 洲 坡 港".split(),
    "town": ["{town_head}{town_head}{town_end}", "{town_head}{given}{town_end}"],
    "who": [
        "{role}", "{trait}的{role}", "{person}", "{hero}", "来自{town}的{role}", "{here}的{role}", "{small}位{role}",
        "他的{role}", "{role}和{role}", "那位{role}",
    ],
    "what": [
        "{adj}的{thing}", "{thing}", "一件{adj}的{thing}", "{small}个{thing}", "{n}件{thing}", "她的{thing}",
        "{topic}", "{thing}与{thing}", "那个{thing}", "{adj}又{adj}的{thing}",
    ],
    "where": [
        "在{place}", "在{town}", "在{town}的{place}", "在{place}旁", "在{place}和{place}之间", "从{here}到{town}",
    ],
    "when": [
        "{year}年{month}", "{month}", "{year}年", "{matter}之前", "{matter}以后", "{small}天后", "{matter}期间",
        "{month}的{matter}里",
    ],
    "sentence": [
        "{who}{where}{do}了{what}，而{who}{do}了{what}。",
        "{when}，{who}{do}的{what}是{person}{where}留下的。",
        "{who}{spoke}，{what}{when}还没有准备好。",
        "{where}，{small}位{role}才能{do}{what}。",
        "{year}年的{matter}因{what}开始，以{matter}结束。",
        "{who}与{who}一起{adverb}{do}过{what}。",
        "{place}里有{n}件{thing}，大多很{adj}。",
        "为了{do}{what}，{who}需要{what}和{matter}。",
        "“{who}{do}了{what}，”{person}{spoke}，“{matter}是我们的。”",
        "{hero}把{what}放{where}，{who}又{adverb}{do}了它。",
        "没有{what}，{where}谁也不能{do}{what}。",
        "{who}曾{do}{what}，所以{spoke}要有{matter}。",
        "当{who}{do}{what}的时候，{place}{adverb}静了。",
        "{topic}值{n}元，{who}{when}就{do}了。",
        "{who}宁可{do}{what}，也不要{matter}。",
        "如果{who}{when}{do}了{what}，{matter}会更短。",
        "{what}立{where}，旁边是{what}。",
        "{person}和{who}都{spoke}，{matter}要等到{when}。",
        "{who}被请去{do}{what}、{what}以及{what}。",
        "{here}有{n}名{role}，其中{small}名{do}了{what}。",
        "{who}{do}的是{what}还是{what}，{where}仍有{matter}。",
        "{matter}之后，{who}{adverb}{do}{what}，便去了{town}。",
        "并非{role}都会{do}{what}，{who}{where}{spoke}。",
        "正是{hero}{do}了{what}，并且{when}{do}了{what}。",
    ],
    "sentence_open": [
        "{when}，{hero}带着{what}来到{here}。",
        "{place}的{matter}与{topic}有关。",
        "{who}还在谈{hero}的{topic}。",
        "{here}离{town}{n}米，{who}{do}了{what}。",
    ],
    "post": [
        "我{when}{do}了{topic}，还是很{adj}。",
        "有人{where}{do}过{what}吗？",
        "{role}说要先{do}{what}。",
        "我们{where}{do}了{what}，可是{thing}太{adj}。",
        "多谢{person}，我{when}能{do}{what}了。",
        "{matter}之前别{do}{what}，花了我{n}元。",
        "{here}有个{trait}的{role}，会{do}{what}。",
        "{adj}的{thing}最好，{small}个就够。",
        "同样的{matter}，{who}{do}了{what}。",
        "我同意{person}，{what}比{what}好。",
    ],
    "post_open": ["大家好，我的{topic}有{matter}。", "请教{here}的{topic}。", "{when}更新：{topic}很{adj}。"],
    "lesson": [
        "{adj}的{thing}用来{do}{what}。",
        "先{do}{thing}，再{adverb}{do}{adj}的{thing}。",
        "设{small}位{role}{do}了{n}个{thing}。",
        "{matter}说明，{what}和{what}有{matter}。",
        "例如，{who}可以{where}{do}{what}。",
        "注意：{thing}在{matter}之前要{adj}。",
        "相反，{adj}的{thing}很少与{what}同用。",
        "我们把{what}与{what}比较，以懂得{matter}。",
        "因此{topic}是{adj}的，{thing}是{adj}的。",
        "练习{n}：{who}{when}怎样{do}{what}？",
    ],
    "lesson_open": ["第{n}节：{topic}与{thing}。", "本节{do}{topic}和{matter}。"],
    "edit": ["{do}{town}{thing}", "{person}的{matter}", "{do}{place}{thing}", "{family}家的{thing}"],
}  # fmt: skip

# Characters of the grammar above whose traditional form differs.
_SIMPLIFIED = (
    "与东丢两严个临为丽举乌乐习书买争于云从仓们优会伞传俭兰关兴写农冯净准凤凿划则别剂剧务动劳医华协单卖卢厂厅历压厢厨厩县发台叶号后吕吗吴员喷园囱围图圆场块坚墙声壶备复够头孙学宁实宽岚岭师帐带干并庆库开弃张"
    "弯弹强当忆怀总惫愿戏户执抢护报挂换携摄摇旧时显朴机杂来柜标栈栏样桥检楼横橱气汤没测渐渔温游湾湿潜灯炉烟狭现瑶电画盖盘码砖离称笔笼筝简篮篱粮紧纠红纷线练细织终经结绘统绳维绿编缝缩网罗聪节苏苹药莲萧蒋虑虚"
    "补装见规览计认议记讲许论设访译试诚语误说请诺课谁调谈谜谢谦谱账货质购贵赏赛踪车轮轻较辑边过迈运还进远选邓邮邻郑采释里钟钥铁铜银铸锁锈锋错锚锤锯镇镜长门问间闸闹闻阀阁阔队陈静韩顶预颖题风馆马验鱼鲜齐龙"
)
_TRADITIONAL = (
    "與東丟兩嚴個臨為麗舉烏樂習書買爭於雲從倉們優會傘傳儉蘭關興寫農馮淨準鳳鑿劃則別劑劇務動勞醫華協單賣盧廠廳曆壓廂廚廄縣發臺葉號後呂嗎吳員噴園囪圍圖圓場塊堅牆聲壺備複夠頭孫學寧實寬嵐嶺師帳帶乾並慶庫開棄張"
    "彎彈強當憶懷總憊願戲戶執搶護報掛換攜攝搖舊時顯樸機雜來櫃標棧欄樣橋檢樓橫櫥氣湯沒測漸漁溫遊灣濕潛燈爐煙狹現瑤電畫蓋盤碼磚離稱筆籠箏簡籃籬糧緊糾紅紛線練細織終經結繪統繩維綠編縫縮網羅聰節蘇蘋藥蓮蕭蔣慮虛"
    "補裝見規覽計認議記講許論設訪譯試誠語誤說請諾課誰調談謎謝謙譜賬貨質購貴賞賽蹤車輪輕較輯邊過邁運還進遠選鄧郵鄰鄭採釋裡鐘鑰鐵銅銀鑄鎖鏽鋒錯錨錘鋸鎮鏡長門問間閘鬧聞閥閣闊隊陳靜韓頂預穎題風館馬驗魚鮮齊龍"
)


def _to_traditional(grammar: Grammar) -> Grammar:
    table = str.maketrans(_SIMPLIFIED, _TRADITIONAL)
    return {slot: [text.translate(table) for text in texts] for slot, texts in grammar.items()}


GRAMMARS: dict[str, Grammar] = {"en": _ENGLISH, "zh": _CHINESE, "zh_hant": _to_traditional(_CHINESE)}


class Writer(Slots):
    """Fills the slots of a language's grammar; hero, here and topic stay the same through one document."""

    def __init__(self, chance: Random, language: str) -> None:
        super().__init__(chance, dict(GRAMMARS[language]))
        self.language = language

    def start(self) -> None:
        """Choose who and what the next document is about."""
        self.rules |= {"hero": [self["person"]], "here": [self["town"]], "topic": [self["thing"]]}

    def line(self, slot: str) -> str:
        """One sentence, with a capital."""
        text = self[slot]
        first = text.startswith("“")
        return text[:first] + text[first].upper() + text[first + 1 :]

    def units(self, text: str) -> int:
        """Words in English, characters in Chinese."""
        return text.count(" ") + 1 if self.language == "en" else len(text)

    def document(self, style: str, sizes: tuple[int, int]) -> str:
        """Paragraphs until a size between the two is reached."""
        self.start()
        left = self.chance.randint(*sizes)
        space, gap = (" ", "\n\n") if self.language == "en" else ("", "\n")
        paragraphs: list[str] = []
        while left > 0:
            lines = [self.line(style + "_open")] if self.chance.random() < 0.6 or not paragraphs else []  # noqa: PLR2004
            left -= sum(map(self.units, lines))
            wanted = self.chance.randint(3, 7)
            while left > 0 and len(lines) < wanted:
                lines.append(self.line(style))
                left -= self.units(lines[-1])
            paragraphs.append(space.join(lines))
        return gap.join(filter(None, paragraphs))
