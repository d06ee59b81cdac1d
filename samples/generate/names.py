"""What invented people, companies and addresses are put together from.

The divisions are real, everything in them is not.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Area:
    """A county-level division of GB/T 2260."""

    code: str
    province: str
    city: str
    district: str
    dialling_code: str

    @property
    def full(self) -> str:
        return self.province + (self.city if self.city != self.province else "") + self.district

    @property
    def short_city(self) -> str:
        return self.city.removesuffix("市")


def _words(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _area(row: str) -> Area:
    code, province, city, district, dialling_code = row.split()
    return Area(code=code, province=province, city=city, district=district, dialling_code=dialling_code)


AREAS = tuple(
    _area(row)
    for row in (
        "330106 浙江省 杭州市 西湖区 0571",
        "310115 上海市 上海市 浦东新区 021",
        "110108 北京市 北京市 海淀区 010",
        "320106 江苏省 南京市 鼓楼区 025",
        "440305 广东省 深圳市 南山区 0755",
        "440106 广东省 广州市 天河区 020",
        "510107 四川省 成都市 武侯区 028",
        "420106 湖北省 武汉市 武昌区 027",
        "610113 陕西省 西安市 雁塔区 029",
        "210102 辽宁省 沈阳市 和平区 024",
        "370202 山东省 青岛市 市南区 0532",
        "410105 河南省 郑州市 金水区 0371",
        "500103 重庆市 重庆市 渝中区 023",
        "350203 福建省 厦门市 思明区 0592",
        "430102 湖南省 长沙市 芙蓉区 0731",
        "120101 天津市 天津市 和平区 022",
        "530102 云南省 昆明市 五华区 0871",
        "650102 新疆维吾尔自治区 乌鲁木齐市 天山区 0991",
        "150102 内蒙古自治区 呼和浩特市 新城区 0471",
        "230102 黑龙江省 哈尔滨市 道里区 0451",
    )
)

BRANDS = _words("""
    云杉渡 枕溪谷 拾禾里 栖岚坞 澄桦 鹿砚亭 萤穗 青芜里 砚石湾 雁栖桥 桐语巷 听澜堰 蓝鲸灯 芒种田 纸鸢坡
    松烟阁 石榴渡 白露洲 望舒台 苔痕 麦浪屿 星槎 竹里谣 海棠驿 霜桥 禾木川 知更岭 半夏园 墨鱼岛 银杏坳
""")
STREETS = _words("""
    听雨路 拾穗街 云栈大道 桐花路 望星街 石榴巷 砚池路 青萝路 白鹭街 晚枫路 柳笛街 麦田路 风铃大道 橘灯街
""")
ESTATES = _words("栖岚花园 萤火新村 青芜苑 松烟里小区 星槎公寓 海棠驿小区 银杏坳新村")
TOWERS = _words("云杉大厦 砚石中心 拾禾创意园 澄桦广场 星槎科技园 望舒商务楼")
BANKS = _words("云杉渡农村商业银行 栖岚银行 砚石湾村镇银行 星槎商业银行")

SURNAMES = _words("""
    苏 陆 闻 沈 顾 秦 叶 许 韩 罗 梁 宋 唐 冯 邓 曹 彭 曾 萧 田 董 袁 潘 蒋 蔡 余 杜 程 魏 卓 欧阳 司徒
""")
GIVEN_NAMES = _words("""
    晚樵 青禾 一苇 砚秋 望舒 知夏 听澜 鹿鸣 星槎 怀瑾 云杉 景行 拾穗 南枝 半夏 松烟 桐语 疏影 白露 予安 时雨
    闻笛 既明 逢春 若拙 远岫 墨白 清和 沐阳 霁月 棠 穗 珩 樾 岚 琛
""")
ETHNICITIES = ("汉",) * 12 + ("回", "满", "蒙古", "维吾尔", "土家", "壮", "彝", "苗", "朝鲜")

TRADES: dict[str, tuple[str, ...]] = {
    "商贸": _words("日用百货销售 五金产品零售 办公用品销售 针纺织品销售 家用电器销售 建筑材料销售 货物进出口"),
    "科技": _words("""
        技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广 软件开发 信息系统集成服务
        计算机软硬件及辅助设备零售 网络设备销售 数据处理和存储支持服务
    """),
    "文化传播": _words("组织文化艺术交流活动 广告设计、代理 会议及展览服务 平面设计 摄影扩印服务 图文设计制作"),
    "食品": _words("""
        食品销售（仅销售预包装食品） 农副产品销售 食用农产品批发 新鲜水果零售 茶具销售 保健食品（预包装）销售
    """),
    "机械设备": _words("机械设备销售 通用设备修理 金属制品销售 电子元器件批发 仪器仪表销售 机械零件、零部件加工"),
    "物业管理": _words("物业管理 家政服务 停车场服务 城市绿化管理 建筑物清洁服务 专业保洁、清洗、消毒服务"),
    "医疗器械": _words("""
        第一类医疗器械销售 第二类医疗器械销售 医用口罩零售 消毒剂销售（不含危险化学品） 健康咨询服务（不含诊疗服务）
    """),
}
SHOPS: dict[str, tuple[str, ...]] = {
    "茶饮店": _words("餐饮服务 食品销售 外卖递送服务"),
    "五金经营部": _words("五金产品零售 建筑材料销售 电线、电缆经营"),
    "理发店": _words("理发服务 化妆品零售"),
    "文具店": _words("文具用品零售 办公用品销售 玩具销售"),
    "水果店": _words("新鲜水果零售 食用农产品零售 日用百货销售"),
}
SCOPE_TAILS = (
    "（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
    "（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）",
    "（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）",
)
CAPITALS = _words("""
    壹佰万元整 伍佰万圆整 人民币贰佰万元整 500万元 1000.000000万人民币 叁拾万元整 人民币50万元 贰仟万元整
    捌佰捌拾万圆整 壹仟贰佰万元人民币
""")
