"""Who may only read, and who sees only the conversations of their own teams."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.house import Scene, is_live, reply

TEAMS = {"Roadside": ["ana", "ben"], "Billing": ["ana"]}
NUMBERS = [{"name": "Ridgeway", "team": "Roadside"}, {"name": "Deposits", "team": "Billing"}]


def test_a_viewer_reads_along_and_has_no_composer(play: Callable[..., Scene]) -> None:
    scene = play(ben={"role": "viewer"})
    phone, key = scene.started("Where is my car?")
    page = scene.open(f"/c/{key}/", "ben")
    expect(page.locator("#thread-log .msg--in .bubble")).to_have_text("Where is my car?")
    expect(page.locator("#composer-text")).to_be_hidden()
    expect(page.locator("#composer")).to_contain_text("You can read this conversation.")
    for name in ("Done", "Snooze", "Take it"):
        expect(page.locator("#thread-head").get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_role("button", name="New conversation")).to_have_count(0)
    page.locator(f"#conv-{key}").hover()
    expect(page.locator(f"#conv-{key} [data-quick]").first).to_be_hidden()

    ana = scene.open(f"/c/{key}/")
    reply(ana, "In bay B16.")
    expect(page.locator("#thread-log .msg--out .ticks--done")).to_be_visible()
    phone.text("Thanks")
    expect(page.locator("#thread-log .msg--in .bubble").last).to_have_text("Thanks")


def test_a_viewers_keys_change_nothing(play: Callable[..., Scene]) -> None:
    scene = play(ben={"role": "viewer"})
    scene.complaints.allow("status of 403")
    _, key = scene.started()
    page = scene.open(f"/c/{key}/", "ben")
    for letter in "einlahc":
        page.keyboard.press(letter)
    page.keyboard.press("Escape")
    ana = scene.open(f"/c/{key}/")
    expect(ana.locator("#count-done")).to_have_text("0")
    expect(ana.locator("#count-unassigned")).to_have_text("1")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#popover")).to_be_hidden()


def test_another_teams_conversations_do_not_appear(play: Callable[..., Scene]) -> None:
    scene = play(ben={"sees_own_teams_only": True}, teams=TEAMS, numbers=NUMBERS)
    scene.complaints.allow("status of 404")
    page, ana = scene.open(who="ben"), scene.open()
    _, billing = scene.started("Where is my deposit?", number=1)
    expect(ana.locator(f"#conv-{billing}")).to_be_visible()
    _, roadside = scene.started("My car won't start")
    expect(page.locator(f"#conv-{roadside}")).to_be_visible()
    expect(page.locator(".conv")).to_have_count(1)
    expect(page.locator("#count-open")).to_have_text("1")
    expect(page.locator("body")).not_to_contain_text("deposit")

    answer = page.goto(f"/c/{billing}/")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("body")).not_to_contain_text("Where is my deposit?")


def test_a_conversation_given_to_another_team_is_gone_at_once(play: Callable[..., Scene]) -> None:
    scene = play(ben={"sees_own_teams_only": True}, teams=TEAMS, numbers=NUMBERS)
    scene.complaints.allow("status of 404")
    phone, key = scene.started("My car won't start")
    page, ana = scene.open(who="ben"), scene.open(f"/c/{key}/")
    expect(page.locator(f"#conv-{key}")).to_be_visible()
    ana.locator("#thread-head [data-open-popover=assign]").click()
    ana.locator("#popover").get_by_role("menuitemradio", name="Billing").click()
    expect(page.locator(f"#conv-{key}")).to_have_count(0)
    expect(page.locator("#count-open")).to_have_text("0")
    phone.text("Hello?")
    expect(ana.locator("#thread-log .msg--in .bubble").last).to_have_text("Hello?")

    ana.locator("#thread-head [data-open-popover=assign]").click()
    ana.locator("#popover").get_by_role("menuitemradio", name="Roadside").click()
    expect(page.locator(f"#conv-{key}")).to_contain_text("Hello?")
    is_live(page)
