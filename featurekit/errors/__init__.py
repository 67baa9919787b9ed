"""Every failure featurekit reports, as one tree.

::

    FeatureError
    ├── DefinitionError   FK1xx  a cell or definition that cannot mean anything, or not one thing
    ├── DataError         FK2xx  a source, spine or file that is missing, malformed or unsafe to use
    ├── CatalogError      FK3xx  names, versions, owners, and the store that holds them
    ├── ExportError       FK4xx  the hand-off: files, repositories, packages
    ├── ParityError       FK5xx  training and serving differ
    └── UsageError        FK9xx  wrong arguments, missing libraries, commands

Each error takes facts and builds the sentence; the subclasses stand in the module of their branch.
"""

from featurekit.errors.base import FeatureError, Where, listed, nearest
from featurekit.errors.catalog import CatalogError
from featurekit.errors.data import DataError
from featurekit.errors.definition import DefinitionError
from featurekit.errors.export import ExportError, ParityError
from featurekit.errors.usage import MissingLibrary, UsageError

__all__ = [
    "CatalogError",
    "DataError",
    "DefinitionError",
    "ExportError",
    "FeatureError",
    "MissingLibrary",
    "ParityError",
    "UsageError",
    "Where",
    "listed",
    "nearest",
]
