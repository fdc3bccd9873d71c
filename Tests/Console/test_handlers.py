"""Handlers in the console. Run by scripts/trial/console."""

from stage import Stage


class TestPolicies(Stage):
    """A form of a handler gives back what it was given, or leaves it to JSON."""

    FORM = {"list": "7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061", "label": "staff", "similarity": 0.85, "tagKnown": "staff", "tagUnknown": "stranger", "events": "known", "samples": False, "ttl": 30,
            "origin": True, "faces": "unknown", "onList": "7b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7062", "attributes": True, "estimates": ["estimate_quality", "estimate_gaze"], "notify": False}

    def ask(self, script, *arguments):
        self.browser.go("sign-in")
        self.browser.find("h1")
        return self.browser.driver.execute_async_script(f"""
            const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            import('/console/lib/policies.js').then(({{ emptyForm, formOf, policiesOf, isWhole }}) => done(({script})(...given))).catch((error) => done(String(error.stack)));""", *arguments)

    def test_a_form_comes_back_from_what_it_says(self):
        self.assertEqual(self.ask("(form) => formOf(policiesOf(form, null))", self.FORM), self.FORM)
        self.assertEqual(self.ask("() => JSON.stringify(formOf(policiesOf(emptyForm(), null))) === JSON.stringify(emptyForm())"), True)

    def test_what_a_form_does_not_know_stays_and_what_it_would_lose_is_left_to_json(self):
        callbacks = [{"type": "http", "url": "https://example.org/hook"}]
        kept = self.ask("(form, callbacks) => policiesOf(form, { detect_policy: { yaw_threshold: 20 }, storage_policy: { callbacks } })", self.FORM, callbacks)
        self.assertEqual((kept["detect_policy"]["yaw_threshold"], kept["storage_policy"]["callbacks"]), (20, callbacks))
        whole = "(form, change) => isWhole({ ...policiesOf(form, null), ...change })"
        self.assertIs(self.ask(whole, self.FORM, {}), True)
        two = [{"label": label, "candidates": {"origin": "faces", "list_id": self.FORM["list"]}} for label in ("staff", "guests")]
        for change in ({"match_policy": two}, {"match_policy": [{"label": "staff", "candidates": {"origin": "events"}}]}, {"conditional_tags_policy": [{"tag": "old", "filters": {"age__gte": 60}}]}):
            self.assertIs(self.ask(whole, self.FORM, change), False, change)
