"""Found the demonstration's organisations and people: two utilities, their city units, who works there, who watches."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from tongdian.demo.cells import enter_cells
from tongdian.demo.sign_ins import SignIn
from tongdian.kernel import divisions
from tongdian.kernel.divisions import PROVINCE, Division
from tongdian.people import operations
from tongdian.people.models import Organisation, User
from tongdian.people.permissions import ROLE_TITLES
from tongdian.people.rules import Role

Kind = Organisation.Kind
REASON = "演示"
SUPPLIED_FROM = date(2019, 1, 9)
HOME_CITY = "370100"
# The county, and a zone inside another, that the incremental distribution company supplies.
INCREMENTAL_COUNTY, INCREMENTAL_ZONE_COUNTY = "370117", "370112"
TEAM = (Role.COUNTER_CLERK, Role.ACCOUNT_MANAGER, Role.PROJECT_MANAGER)


@dataclass(frozen=True)
class Team:
    """Who handles the cases of a utility in a city."""

    clerk: User
    manager: User
    inspector: User


@dataclass(frozen=True)
class Province:
    """What was founded: the team of every city and of the incremental company, and the sign-ins."""

    teams: Mapping[str, Team]
    incremental: Team
    sign_ins: tuple[SignIn, ...]

    def team(self, county_code: str) -> Team:
        """Return who handles the cases of a county."""
        return self.incremental if county_code == INCREMENTAL_COUNTY else self.teams[county_code[:4] + "00"]


@dataclass(frozen=True)
class _Place:
    """An account one can try: its role, where it works, and what tells it from another of the same role."""

    role: Role
    title_en: str
    unit: Organisation
    territory: str
    suffix: str = ""
    prefix: str = ""


def found(*, password: str, now: datetime, on: date) -> Province:
    """Create everybody and everything before the first case: grants hold from `now`, supply areas from before it."""
    cities = divisions.children(PROVINCE, on)
    grid = _organisation("demo-grid", Kind.UTILITY, "演示电网公司", "Demo Grid Company", PROVINCE)
    incremental = _organisation(
        "demo-idc", Kind.UTILITY, "演示增量配电公司", "Demo Incremental Distribution Company", HOME_CITY
    )
    _supply(grid, incremental, cities, on)
    units = {city.code: _city_unit(grid, city) for city in cities}
    tried = [_account(place, password, now) for place in _places(grid, units[HOME_CITY], incremental)]
    home, idc = Team(*(user for user, _ in tried[: len(TEAM)])), tried[len(TEAM)][0]
    teams = {city.code: _team(units[city.code], city, now) for city in cities if city.code != HOME_CITY}
    inside = replace(_members(incremental, HOME_CITY, now, label="增量配电"), manager=idc)
    _cells(grid, {HOME_CITY: home, **teams}, on)
    # A colleague of the account manager one can try: somebody who can stand in.
    _member(units[HOME_CITY], Role.ACCOUNT_MANAGER, HOME_CITY, now, display_name="演示客户经理二", suffix="2")
    return Province({HOME_CITY: home, **teams}, inside, tuple(sign_in for _, sign_in in tried))


def _cells(grid: Organisation, teams: Mapping[str, Team], on: date) -> None:
    for city_code, team in teams.items():
        counties = [each for each in divisions.children(city_code, on) if each.code != INCREMENTAL_COUNTY]
        enter_cells(grid, counties, manager=team.manager, inspector=team.inspector, valid_from=SUPPLIED_FROM)


def _organisation(
    code: str, kind: Organisation.Kind, name: str, name_en: str, territory: str, *, parent: Organisation | None = None
) -> Organisation:
    return operations.create_organisation(
        code=code,
        kind=kind,
        name=name,
        name_en=name_en,
        territory_code=territory,
        parent=parent,
        actor=None,
        reason=REASON,
    )


def _city_unit(grid: Organisation, city: Division) -> Organisation:
    name, name_en = f"演示电网公司{city.name_zh}分公司", f"Demo Grid Company, {city.name_en}"
    return _organisation(f"demo-grid-{city.code}", Kind.UTILITY, name, name_en, city.code, parent=grid)


def _supply(grid: Organisation, incremental: Organisation, cities: tuple[Division, ...], on: date) -> None:
    """Give every county its utility, and one zone inside a county a second one."""
    for county in (county for city in cities for county in divisions.children(city.code, on)):
        _supply_county(incremental if county.code == INCREMENTAL_COUNTY else grid, county.code)
    _supply_county(incremental, INCREMENTAL_ZONE_COUNTY, zone=1, zone_name="演示增量配电区")


def _supply_county(utility: Organisation, county_code: str, *, zone: int = 0, zone_name: str = "") -> None:
    operations.add_supply_area(
        utility,
        county_code=county_code,
        zone=zone,
        zone_name=zone_name,
        valid_from=SUPPLIED_FROM,
        actor=None,
        reason=REASON,
    )


def _places(grid: Organisation, unit: Organisation, incremental: Organisation) -> tuple[_Place, ...]:
    """Say which accounts one can try: one for each role that has pages; the first are the team of the home city."""
    bureau = _organisation("demo-bureau", Kind.BUREAU, "演示市能源主管部门", "Demo City Energy Bureau", HOME_CITY)
    regulator = _organisation("demo-regulator", Kind.REGULATOR, "演示能源监管机构", "Demo Energy Regulator", PROVINCE)
    _organisation("demo-agency", Kind.AGENCY, "演示行政审批部门", "Demo Permit Agency", HOME_CITY)
    _organisation("demo-contractor", Kind.CONTRACTOR, "演示设计施工单位", "Demo Design and Construction Firm", PROVINCE)
    return (
        _Place(Role.COUNTER_CLERK, "Counter clerk", unit, HOME_CITY),
        _Place(Role.ACCOUNT_MANAGER, "Account manager", unit, HOME_CITY),
        _Place(Role.PROJECT_MANAGER, "Project manager", grid, PROVINCE),
        _Place(Role.ACCOUNT_MANAGER, "Incremental co.", incremental, HOME_CITY, suffix="_idc", prefix="增量配电"),
        _Place(Role.SUPERVISOR_CITY, "City supervisor", bureau, HOME_CITY),
        _Place(Role.REGULATOR, "Regulator", regulator, PROVINCE),
        _Place(Role.AUDITOR, "Auditor", regulator, PROVINCE),
        _Place(Role.ADMINISTRATOR, "Administrator", grid, PROVINCE),
    )


def _account(place: _Place, password: str, now: datetime) -> tuple[User, SignIn]:
    title = f"{place.prefix}{ROLE_TITLES[place.role]}"
    login = f"demo_{place.role}{place.suffix}"
    user = _staff(login, place.unit, place.role, place.territory, now, display_name=f"演示{title}一", password=password)
    return user, SignIn(title, place.title_en, login, password)


def _team(unit: Organisation, city: Division, now: datetime) -> Team:
    return _members(unit, city.code, now, label=city.name_zh)


def _members(unit: Organisation, territory: str, now: datetime, *, label: str) -> Team:
    """Create colleagues who never sign in: a password each would take longer to hash than their cases to write."""
    return Team(
        *(_member(unit, role, territory, now, display_name=f"演示{label}{ROLE_TITLES[role]}一") for role in TEAM)
    )


def _member(
    unit: Organisation, role: Role, territory: str, now: datetime, *, display_name: str, suffix: str = ""
) -> User:
    return _staff(f"{unit.code}.{role}{suffix}", unit, role, territory, now, display_name=display_name)


def _staff(
    username: str,
    unit: Organisation,
    role: Role,
    territory: str,
    now: datetime,
    *,
    display_name: str,
    password: str | None = None,
) -> User:
    user = operations.create_staff(username=username, password=password, organisation=unit, display_name=display_name)
    operations.grant(user, role=role, organisation=unit, territory_code=territory, actor=None, reason=REASON, now=now)
    return user
