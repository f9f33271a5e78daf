"""What Presidio's pattern recognisers and detect-secrets find in the corpus that is read from standard input.

A line in: {"what", "text", "planted": [from, to] or absent, "found": [[from, to], ...]}, in characters.
Out: one JSON object, for each thing planted and each finder its recall and precision; for prose its words lost.
"""

import inspect
import json
import sys
import tempfile
from collections import defaultdict

import tldextract
from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings
from presidio_analyzer import PatternRecognizer, predefined_recognizers

# Nothing is fetched: the list of top-level domains that comes with it has to do.
tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())


def presidio_recognizers():
    """All that need no model of a language: patterns with their checks, and telephone numbers."""
    classes = [c for _, c in inspect.getmembers(predefined_recognizers, inspect.isclass)]
    of_patterns = [c for c in classes if issubclass(c, PatternRecognizer) and c is not PatternRecognizer]
    made = [c() for c in of_patterns]
    return made + [predefined_recognizers.PhoneRecognizer()]


def presidio(recognizers, text):
    """Places with the score that its analyzer asks for by default (0), and those of 0.5 or more."""
    places = [(r.start, r.end, r.score) for one in recognizers for r in one.analyze(text, one.supported_entities, None)]
    return [(s, e) for s, e, _ in places], [(s, e) for s, e, score in places if score >= 0.5]


def detect_secrets(texts):
    """Its places in each text. It reads a file, line by line, and names what it found and on which line."""
    lines = [(i, line) for i, text in enumerate(texts) for line in text.splitlines()]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file, default_settings():
        file.write("".join(line + "\n" for _, line in lines))
        file.flush()
        found = SecretsCollection()
        found.scan_file(file.name)
    places = defaultdict(list)
    for _, secret in found:
        i, _ = lines[secret.line_number - 1]
        start = texts[i].find(secret.secret_value)
        if start >= 0:
            places[i].append((start, start + len(secret.secret_value)))
    return places


def covers(place, planted):
    return place[0] <= planted[0] and planted[1] <= place[1]


def overlaps(place, planted):
    return place[0] < planted[1] and planted[0] < place[1]


class Score:
    def __init__(self):
        self.planted = self.whole = self.touched = self.beside = 0

    def add(self, planted, places):
        self.planted += 1
        self.whole += any(covers(p, planted) for p in places)
        self.touched += any(overlaps(p, planted) for p in places)
        self.beside += sum(not overlaps(p, planted) for p in places)

    def told(self):
        found = self.touched + self.beside
        return {
            "recall": round(self.whole / self.planted, 4),
            "touched": round(self.touched / self.planted, 4),
            "precision": round(self.touched / found, 4) if found else None,
        }


def words_lost(text, places):
    lost, at = 0, 0
    for word in text.split():
        at = text.index(word, at)
        lost += any(overlaps(p, (at, at + len(word))) for p in places)
        at += len(word)
    return lost


def main():
    recognizers = presidio_recognizers()
    scores = defaultdict(lambda: defaultdict(Score))
    prose = defaultdict(int)
    words = 0
    lines = [json.loads(line) for line in sys.stdin]
    of_detect_secrets = detect_secrets([line["text"] for line in lines])
    for i, line in enumerate(lines):
        text = line["text"]
        every, sure = presidio(recognizers, text)
        finders = {
            "overt": [tuple(p) for p in line["found"]],
            "presidio": every,
            "presidio from 0.5": sure,
            "detect-secrets": of_detect_secrets[i],
        }
        for finder, places in finders.items():
            if line["what"] == "prose":
                prose[finder] += words_lost(text, places)
            else:
                scores[line["what"]][finder].add(line["planted"], places)
        words += len(text.split()) if line["what"] == "prose" else 0
    told = {what: {finder: s.told() for finder, s in of.items()} for what, of in scores.items()}
    lost = {finder: round(n / words, 4) for finder, n in prose.items()}
    print(json.dumps({"recognizers": len(recognizers), "kinds": told, "prose": {"words": words, "lost": lost}}))


main()
