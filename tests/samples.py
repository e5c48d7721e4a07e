"""A value of any of our frozen models, from its annotations: always the same, or as a source of chance likes."""

from __future__ import annotations

import re
import types
from datetime import date, datetime
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

WORDS = ("alpha", "beta-1", "g5", "p-ahmadi", "svc:agents", "1.5", "hmac-sha256:" + "ab" * 32, "sha256:" + "cd" * 32,
         "monthly_log.1", "cluster_profile", "qom-footwear")  # fmt: skip


def sample(cls: type[BaseModel], *, full: bool, rng: Random | None = None) -> dict[str, Any]:
    """JSON data of that model: only what is required, or every field."""
    return {
        name: value_for(field.annotation, field, full=full, rng=rng)
        for name, field in cls.model_fields.items()
        if full or field.is_required()
    }


def value_for(kind: Any, field: FieldInfo | None, *, full: bool, rng: Random | None) -> Any:
    """A JSON value of that annotation."""
    origin, args = get_origin(kind), get_args(kind)
    bounds = list(field.metadata) if field else []
    if origin is Annotated:
        inner = FieldInfo.from_annotation(kind)
        return value_for(args[0], inner, full=full, rng=rng)
    if origin is Literal:
        return rng.choice(args) if rng else args[0]
    if origin in (Union, types.UnionType):
        return value_for(next(arg for arg in args if arg is not type(None)), field, full=full, rng=rng)
    if origin is tuple:
        least = next((m.min_length for m in bounds if hasattr(m, "min_length")), 1)
        return [value_for(args[0], None, full=full, rng=rng) for _ in range(least)]
    if origin is dict or kind is dict:
        if not args or args[1] is Any:
            return {"text": "sent", "number": 7}
        return {value_for(args[0], None, full=full, rng=rng): value_for(args[1], None, full=full, rng=rng)}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return sample(kind, full=full, rng=rng)
    if kind is bool:
        return rng.random() < 0.5 if rng else True
    if kind is int:
        least = next((m.ge for m in bounds if hasattr(m, "ge")), 0)
        most = next((m.le for m in bounds if hasattr(m, "le")), 100)
        return rng.randint(least, min(most, least + 9)) if rng else least + 1
    if kind is datetime:
        return "2026-03-25T06:00:00Z"
    if kind is date:
        return f"20{rng.randint(20, 35)}-03-25" if rng else "2026-03-25"
    if kind is str:
        pattern = next((m.pattern for m in bounds if getattr(m, "pattern", None)), None)
        longest = next((m.max_length for m in bounds if getattr(m, "max_length", None)), 200)
        return _text(str(pattern) if pattern else "", longest, rng)
    raise TypeError(kind)


def _text(pattern: str, longest: int, rng: Random | None) -> str:

    fit = [word for word in WORDS if len(word) <= longest and re.match(pattern, word)]
    return rng.choice(fit) if rng else fit[0]
