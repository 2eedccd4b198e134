"""What an evaluation refuses to do, in one line each.

EvalError
├── BadData       a line of a data set breaks its schema, or an id stands twice: file, line, field
├── BadBaseline   a baseline is missing, cannot be read, or is of another version of the data set
├── NoModels      models should be asked, and there is no key
├── NoEvals       the packages of the group `evals` are not installed
└── UnknownEval   no evaluation, case, run or review has this name
"""

from __future__ import annotations

from graphs.runtime.errors import ArtelError


class EvalError(ArtelError):
    """The base of them all: the command line prints it and exits with 1."""


class BadData(EvalError):
    pass


class BadBaseline(EvalError):
    pass


class NoModels(EvalError):
    pass


class NoEvals(EvalError):
    pass


class UnknownEval(EvalError):
    pass
