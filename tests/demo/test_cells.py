from datetime import UTC, date, datetime

import pytest

from tongdian.demo.province import HOME_CITY, INCREMENTAL_COUNTY, found
from tongdian.kernel import divisions
from tongdian.people.models import CellMember, ServiceCell
from tongdian.people.queries.team import cover_candidates

pytestmark = pytest.mark.django_db
START, ON = datetime(2024, 1, 1, tzinfo=UTC), date(2024, 1, 1)


class TestEnterCells:
    def test_divides_every_county_of_the_grid_company(self):
        province = found(password="a long enough phrase", now=START, on=ON)

        counties = [each for city in divisions.children("370000", ON) for each in divisions.children(city.code, ON)]
        assert ServiceCell.objects.count() == len(counties) - 1
        assert not ServiceCell.objects.filter(county_code=INCREMENTAL_COUNTY).exists()
        assert CellMember.objects.count() == 2 * (len(counties) - 1)
        assert len(cover_candidates(province.teams[HOME_CITY].manager)) == 1
