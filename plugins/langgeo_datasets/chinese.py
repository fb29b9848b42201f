"""Simplified or traditional Chinese: data sets contain documents in both scripts."""

from __future__ import annotations

from collections.abc import Callable

# Frequent characters that the reform of the 1950s changed, each pair once simplified and once traditional. Left out are
# those whose simplified form was a character before (后, 里, 个): they are in Big5, the others in GB 2312 alone.
_PAIRS = (
    "们們 这這 来來 个個 时時 说說 为為 国國 会會 对對 发發 过過 还還 开開 关關 动動 现現 实實 进進 样樣 "
    "经經 长長 门門 问問 间間 学學 电電 车車 话話 书書 见見 让讓 认認 应應 该該 难難 头頭 东東 马馬 风風 "
    "无無 产產 业業 专專 员員 务務 处處 边邊 论論 设設 计計 议議 记記 许許 语語 请請 质質 资資 军軍 转轉 "
    "达達 运運 连連 选選 远遠 铁鐵 阳陽 队隊 际際 陆陸 领領 题題 类類 馆館 龙龍 亚亞 传傳 从從 兴興 农農 "
    "决決 华華 协協 单單 历歷 县縣 参參 双雙 变變 园園 图圖 团團 场場 声聲 备備 将將 层層 岁歲 岛島 师師 "
    "带帶 广廣 强強 归歸 总總 战戰 报報 数數 断斷 术術 权權 条條 标標 桥橋 欢歡 欧歐 汉漢 没沒 济濟 测測 "
    "温溫 湾灣 满滿 点點 热熱 爱愛 独獨 环環 监監 积積 称稱 纪紀 约約 级級 线線 组組 结結 给給 统統 继繼 "
    "续續 维維 编編 罗羅 职職 联聯 艺藝 节節 获獲 营營 观觀 规規 视視"
)
_OF = {
    "Hans": frozenset(pair[0] for pair in _PAIRS.split()),
    "Hant": frozenset(pair[1] for pair in _PAIRS.split()),
}
_CLEAR = 0.9
"""Minimum share of the distinctive characters that must be of one script."""


def belongs(script: str) -> Callable[[str], bool] | None:
    """A test whether a document is in the script `Hans` or `Hant`; None for other scripts.

    A document without distinctive characters, or with many of both kinds, belongs to neither.

    Examples
    --------
    >>> belongs("Hant")("這個國家的語言")
    True
    """
    if script not in _OF:
        return None
    other = "Hans" if script == "Hant" else "Hant"
    return lambda document: _share(document, _OF[script], _OF[other]) >= _CLEAR


def _share(document: str, own: frozenset[str], others: frozenset[str]) -> float:
    mine, theirs = sum(map(own.__contains__, document)), sum(map(others.__contains__, document))
    return mine / (mine + theirs) if mine + theirs else 0.0
