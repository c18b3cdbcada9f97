"""Made-up firms, sites and phones that nobody can take for real ones."""

from random import Random

from tongdian.kernel.identifiers.check_characters import resident_check, uscc_check

# Registrar 91 (market supervision), the county, then an organisation code that says what it is.
CREDIT_CODE = "91{county_code}DEM{serial:06d}"
# The county, a birthday nobody living has, then a serial number.
RESIDENT_ID = "{county_code}18880808{serial:03d}"
# The first numbers of a block that is given to no subscriber; the demonstration's own people count up from it.
FIRST_PHONE = 13000000001
PLACES = ("园区", "工业园", "科技园", "物流园", "创业园", "食品产业园", "装备产业园", "商贸区")
ESTATES = ("东苑", "西苑", "南苑", "北苑", "花园", "新村", "家园", "安居")
STREETS = ("一号路", "二号路", "三号路", "四号路", "五号路", "六号路", "东环路", "西环路", "中心大道")


def firm_name(serial: int) -> str:
    """Return the name of a firm, 演示企业0001 and so on."""
    return f"演示企业{serial:04d}"


def credit_code(serial: int, *, county_code: str) -> str:
    """Return a unified social credit code whose check character fits and whose body reads DEM."""
    body = CREDIT_CODE.format(county_code=county_code, serial=serial)
    return body + uscc_check(body)


def person_name(serial: int) -> str:
    """Return the name of a person, 演示用户0001 and so on."""
    return f"演示用户{serial:04d}"


def resident_id(serial: int, *, county_code: str) -> str:
    """Return a resident identity number whose check character fits and which nobody living can have."""
    body = RESIDENT_ID.format(county_code=county_code, serial=serial % 1000)
    return body + resident_check(body)


def home(rng: Random) -> str:
    """Return the address of a dwelling made of generic words."""
    return (
        f"演示{rng.choice(ESTATES)}小区 {rng.randint(1, 36)} 号楼 {rng.randint(1, 4)} 单元 {rng.randint(101, 2403)} 室"
    )


def shop(rng: Random) -> str:
    """Return the address of a shop made of generic words."""
    return f"演示{rng.choice(STREETS)}沿街商铺 {rng.randint(1, 188)} 号"


def address(rng: Random) -> str:
    """Return a street address made of generic words."""
    return f"演示{rng.choice(PLACES)}{rng.choice(STREETS)} {rng.randint(1, 188)} 号"


def phone(person: int) -> str:
    """Return the phone of the n-th member of the public, counted from 1."""
    return str(FIRST_PHONE + person - 1)
