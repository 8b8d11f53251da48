"""A house without doors, for tests of what happens behind them: the database, the keys, the line, and no page."""

from config.settings import Settings
from models import records
from models.kernel.base import db
from models.kernel.sealed import Keyring
from models.kernel.witness import Witness
from server import house


def bare_house(settings: Settings) -> house.House:
    """As create_app does it, without blueprints."""
    assert records.Base
    app = house.House("bare", static_folder=None, template_folder=None)
    app.config.update(SQLALCHEMY_DATABASE_URI=settings.database_url)
    if settings.database_url.startswith("sqlite"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 5, "check_same_thread": False}}
    app.extensions["settings"] = settings
    app.extensions["keyring"] = Keyring(dict(settings.seal_keys))
    app.extensions["trail_key"] = settings.trail_key
    app.extensions["rules"] = settings.rules
    app.extensions["witness"] = Witness(settings.data_dir / "trail")
    db.init_app(app)
    with app.app_context():
        house.listen(db.engine)
    return app
