import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongdian.web.settings")
application = get_wsgi_application()

# Its imports need the applications loaded above.
from tongdian.web.checks import require_safe_start  # noqa: E402

require_safe_start()
