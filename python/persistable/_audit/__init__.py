"""Whether what is persisted is what its dependencies, and the present code, would make."""

from persistable._audit._audit import audit
from persistable._audit._lineage import ChangedDependency
from persistable._audit._report import Audit, AuditedStep

__all__ = ["Audit", "AuditedStep", "ChangedDependency", "audit"]
