"""What a CAP message says in Chinese and in English where the rule has no sentence of its own in that language."""

from collections.abc import Mapping
from types import MappingProxyType

from alerts.cap.compose import Words
from rules.derived.names import DERIVED
from rules.finding import Finding
from rules.text import number
from rules.units import METRICS

_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "pm25": "细颗粒物",
        "pm10": "可吸入颗粒物",
        "so2": "二氧化硫",
        "no2": "二氧化氮",
        "o3": "臭氧",
        "co": "一氧化碳",
        "temperature": "气温",
        "dew_point": "露点",
        "pressure": "气压",
        "humidity": "相对湿度",
        "wind_speed": "风速",
        "wind_direction": "风向",
        "rain": "降雨",
        "noise": "噪声",
        "water_level": "水位",
        "speed": "车速",
        "flow": "车流量",
        "occupancy": "占有率",
        "aqi_cn": "空气质量指数（实时）",
        "aqi_cn_day": "空气质量指数（日报）",
        "aqi_us": "美国空气质量指数",
        "aqi_cn_primary": "首要污染物（实时）",
        "aqi_cn_day_primary": "首要污染物（日报）",
        "heavy_pollution": "重污染天气",
        "who_level": "世卫组织空气质量准则",
        "air_limit_day": "日均浓度超标",
        "nowcast_pm25": "细颗粒物（NowCast）",
        "nowcast_pm10": "可吸入颗粒物（NowCast）",
        "pm25_24h": "24小时细颗粒物",
        "pm10_24h": "24小时可吸入颗粒物",
        "o3_8h": "8小时臭氧",
        "leq_hour": "小时等效声级",
        "leq_day": "昼间等效声级",
        "leq_night": "夜间等效声级",
        "lden": "昼夜等效声级",
        "l10_hour": "小时累积百分声级L10",
        "l50_hour": "小时累积百分声级L50",
        "l90_hour": "小时累积百分声级L90",
        "noise_excess": "噪声超标",
        "heat_index": "酷热指数",
        "wind_chill": "风寒温度",
        "heat_signal": "高温",
        "rain_signal": "暴雨",
        "rain_3h": "3小时降雨",
        "rain_6h": "6小时降雨",
        "rain_12h": "12小时降雨",
        "waterlogging": "道路积水",
        "waterlogging_soon": "道路积水（预测）",
        "tpi": "交通运行指数",
        "congestion_grade": "交通拥堵",
        "flow_hour": "小时车流量",
        "density": "车流密度",
        "level_of_service": "道路服务水平",
        "incident_deviate": "交通异常",
    }
)
_CHINESE_COLOURS = MappingProxyType({"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"})
_CHINESE_STATES = MappingProxyType(
    {"cleared": "解除", "undecided": "暂无法判断", "amended": "更正", "withdrawn": "撤销"}
)
_STATES = MappingProxyType(
    {
        "cleared": "over: ",
        "undecided": "cannot be decided now: ",
        "amended": "put right: ",
        "withdrawn": "withdrawn, it never was: ",
    }
)


def chinese(language: str) -> bool:
    return language.partition("-")[0].lower() == "zh"


def event(metric: str, language: str) -> str:
    """What it is about."""
    if chinese(language):
        return _CHINESE.get(metric, metric)
    known = METRICS.get(metric)
    return known.title if known is not None else DERIVED.get(metric, ("", metric))[1]


def words(finding: Finding, language: str) -> Words:
    """Event, headline and description; the description is the sentence of the rule where it has one."""
    what = event(finding.metric, language) or finding.rule
    if finding.kind == "silence":
        what = f"{what}数据中断" if chinese(language) else f"no data of {what}"
    area = finding.area.name if finding.area is not None else ""
    place = area or finding.sensor or finding.district
    told = _sentence(finding, language)
    if chinese(language):
        grade = finding.about
        grade = _CHINESE_COLOURS.get(grade, grade)
        state = _CHINESE_STATES.get(finding.change, "预警")
        return Words(what, f"{what}{grade}{state}：{place}", told or _in_chinese(finding, what, place))
    grade = finding.about
    state = _STATES.get(finding.change, "")
    return Words(what, f"{grade.capitalize()}, {state}{what} at {place}", told or _in_english(finding, what, place))


def _sentence(finding: Finding, language: str) -> str:
    """The rule's own in that language: the tag, or one that is the same but for the region."""
    primary = language.partition("-")[0]
    near = (text for tag, text in finding.texts.items() if tag.partition("-")[0] == primary)
    return finding.texts.get(language) or next(near, "")


def _value(finding: Finding) -> str:
    unit = "" if finding.unit == "1" else f" {finding.unit}"
    return "" if finding.value is None else f"{number(finding.value)}{unit}"


def _in_chinese(finding: Finding, what: str, place: str) -> str:
    parts = [f"{place}（{finding.district}）" if finding.district else place, what]
    if _value(finding):
        parts.append(f"当前值 {_value(finding)}")
    if finding.limit is not None:
        parts.append(f"限值 {number(finding.limit)}")
    return "，".join(parts)


def _in_english(finding: Finding, what: str, place: str) -> str:
    parts = [f"{what} at {place} ({finding.district})" if finding.district else f"{what} at {place}"]
    if _value(finding):
        parts.append(f"now {_value(finding)}")
    if finding.limit is not None:
        parts.append(f"limit {number(finding.limit)}")
    return ", ".join(parts)
