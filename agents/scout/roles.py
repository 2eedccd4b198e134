"""Who did it and to whom: the names around a verb, by word order, prepositions and case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .clauses import Line, Token, is_head
from .cues import noun, words
from .inflection import parses
from .ner import Bearer

# The second side is a company, or the text of a person, place or thing, or nobody.
Side = Bearer | str | None
Sides = Iterator[tuple[Bearer | None, Side]]

_FAR = 10.0
_PERSON = 5.0
_JOINING = frozenset({",", "и", "также", "в", "с", "со"})
_SHARE = re.compile(r"дол[яюеий]\w*|пакет\w*|акци[ийя]\w*|%|контрол\w*|процент\w*|капитал\w*|участи\w+")
_DATIVE = re.compile(r"[ую]$")


@dataclass(frozen=True)
class Scene:
    """A verb in its line. `topic`: whom the sentences before were about; `named`: whom the last one named."""

    line: Line
    verb: int
    topic: Bearer | None = None
    named: tuple[Bearer, ...] = ()

    def doer(self, *, by_person: bool = False) -> int | None:
        """The company that acts: the nearest on the left that may be the subject, else one right after.

        by_person: «президент X подписал» is an act of X, though «сотрудник X купил» is not.
        """
        left = [(self._oddity(place), place) for place in self.names("o") if place < self.verb]
        best = min(left, default=(_FAR, -1))
        if best[0] < (_FAR if by_person else _PERSON):
            return self._first_of_list(best[1])
        if self.itself():
            return None
        for place in self.names("o"):
            near = self.verb < place <= self.verb + 3
            if near and not self.token(place).declined and not self.line.preposition(place):
                return place
        return None

    def agent(self, *, by_person: bool = False) -> Bearer | None:
        """Whoever acts: a name of this line, or the topic when the line only says «компания» or «она»."""
        doer = self.doer(by_person=by_person)
        if doer is not None:
            return self.bearer(doer)
        if self.itself():
            left = [place for place in self.names("o") if place < self.verb]
            return self.topic or (self.bearer(left[-1]) if left else None)
        return self.topic if self.verb < 3 else None

    def itself(self) -> bool:
        """True when the subject is a word like «компания» instead of a name."""
        return any(token.word in words("itself") for token in self.line.tokens[: self.verb])

    def targets(self) -> list[int]:
        """The companies it was done to: the nearest object on the right and those joined to it."""
        doer = self.doer()
        right = [place for place in self.names("o") if place > self.verb and place != doer]
        share = self._share()
        if share is not None:
            inside = ("в", "во", "над")
            held = [place for place in right if place > share and self.line.preposition(place) in inside]
            if held:
                return self.joined(held[0])
        aside = words("aside") | (frozenset() if share is not None else {"в", "во"})
        direct = [
            place
            for place in right
            if self.line.preposition(place) not in aside and not self._in_participle(place)
        ]
        if direct:
            return self.joined(direct[0])
        left = [place for place in self.names("o") if place < self.verb and place != doer]
        if over := [place for place in left if self.line.preposition(place) == "над"]:
            return over
        fronted = [place for place in left if self.token(place).declined and not self.line.preposition(place)]
        return fronted[-1:]

    def joined(self, place: int) -> list[int]:
        """The name at `place` and the names joined to it by commas and «и»."""
        found = [place]
        for at in range(place + 1, len(self.line.tokens)):
            if self.token(at).kind == "o":
                found.append(at)
            elif not self._joins(at):
                break
        return found

    def governed(self, prepositions: str, *, reach: int = 40) -> int | None:
        """The first company on the right that one of these prepositions governs."""
        wanted = prepositions.split()
        for place in self.names("o"):
            if self.verb < place <= self.verb + reach and self.line.preposition(place) in wanted:
                return place
        return None

    def receiver(self) -> int | None:
        """The company in the dative: «выдали „Астре“», «достался Сберу», «продан группе „Уфанет“»."""
        for place in self.names("o"):
            token, before = self.token(place), self.token(place - 1).word if place else ""
            declined = token.declined and _DATIVE.search(token.text)
            headed = is_head(before) and any(parse.tag.case == "datv" for parse in parses(before))
            if (declined or headed) and not self.line.preposition(place):
                return place
        return None

    def right(self, reach: int = 40) -> int | None:
        """The first company on the right, whatever governs it."""
        return next((at for at in self.names("o") if self.verb < at <= self.verb + reach), None)

    def nearest(self, place: int, kinds: str) -> int | None:
        return min(self.names(kinds), key=lambda other: abs(other - place), default=None)

    def names(self, kinds: str) -> list[int]:
        """The names of these kinds, without those of a clause that hangs on what follows the verb."""
        return [place for place in self.line.of_kind(kinds) if place < self._end]

    @cached_property
    def _end(self) -> int:
        hanging = words("subordinate")
        places = range(self.verb + 1, len(self.line.tokens))
        return next((at for at in places if self.token(at).word in hanging), len(self.line.tokens))

    def token(self, place: int) -> Token:
        return self.line.tokens[place]

    def bearer(self, place: int | None) -> Bearer | None:
        return self.token(place).bearer if place is not None else None

    def full_name(self, place: int) -> str:
        """The name with the capitalised words that go on with it: «VK» in «VK Вебинары»."""
        parts = [self.token(place)]
        for token in self.line.tokens[place + 1 :]:
            if token.start != parts[-1].stop + 1 or not token.text[:1].isupper():
                break
            parts.append(token)
        return " ".join(token.text for token in parts)

    def find(self, pattern: re.Pattern[str], *, start: int = 0) -> int | None:
        """The first word from `start` on that matches."""
        places = range(start, len(self.line.tokens))
        return next((at for at in places if pattern.fullmatch(self.token(at).word)), None)

    def _joins(self, at: int) -> bool:
        word = self.token(at).word
        also = word == "а" and self.line.text_from(at + 1).startswith("также")
        return word in _JOINING or also or is_head(word)

    def _first_of_list(self, place: int) -> int:
        """«X, Y и Z подписали»: X speaks for all of them."""
        for at in range(place - 1, -1, -1):
            word = self.token(at).word
            if self.token(at).kind == "o" and self._oddity(at) < _FAR:
                place = at
            elif word not in (",", "и") and not is_head(word):
                break
        return place

    def _in_participle(self, place: int) -> bool:
        """«пакет, принадлежавший <o>»"""
        return place > 0 and parses(self.token(place - 1).word)[0].tag.POS == "PRTF"

    def _share(self) -> int | None:
        return self.find(_SHARE, start=self.verb + 1)

    def _oddity(self, place: int) -> float:
        """How unlike a subject the name is: distance, and _FAR for what grammar rules out."""
        token = self.token(place)
        away = 0.05 * (self.verb - place)
        between = self.line.tokens[place + 1 : self.verb]
        if self.line.preposition(place) or any(other.word in (";", ":") for other in between):
            return _FAR
        if token.declined:
            before = self.token(place - 1).word if place else ""
            ruled = place > 1 and self.token(place - 2).word in words("aside")
            return 2 + away if before in words("own") and not ruled else _FAR
        if not self.line.is_attribute(place):
            return away
        owner = noun(self.token(place - 1).word)
        return away + (_PERSON if owner in words("people") else 1 if between else 0)
