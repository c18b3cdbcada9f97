import pytest

from tongdian.gateway import jobs
from tongdian.oversight.queries.notices import last_sweep
from tongdian.oversight.tasks import sweep_alerts


@pytest.mark.django_db
class TestSweepAlerts:
    def test_leaves_a_record_of_what_came_of_it(self):
        before = last_sweep()

        sweep_alerts()

        assert last_sweep() not in {None, before}

    def test_is_declared(self):
        assert "oversight.sweep_alerts" in jobs.names()
