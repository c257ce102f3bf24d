"""Which texts are refused as another language, and which must not be."""

import pytest

from mahdar.intake.language import foreign_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "French",
            "Les habitants ont fui dans la nuit après que les soldats ont ouvert le feu sur le marché de la ville.",
        ),
        (
            "Spanish",
            "Los vecinos huyeron por la noche después de que los soldados abrieran fuego en el mercado de la ciudad.",
        ),
        (
            "German",
            "Die Bewohner flohen in der Nacht, nachdem die Soldaten auf dem Markt der Stadt das Feuer eröffnet hatten.",
        ),
        ("Russian", "Жители деревни бежали ночью после того, как солдаты открыли огонь на рынке"),
        ("Ukrainian", "Мешканці села втекли вночі після того, як солдати відкрили вогонь на ринку міста"),
        ("Arabic", "فر سكان القرية ليلا بعد أن فتح الجنود النار في سوق المدينة"),
        ("Chinese", "士兵在市场开火后，村民们连夜逃离，医院收治了许多伤者，道路仍然封闭，救援人员无法进入"),
        ("Japanese", "兵士が市場で発砲したため、村人たちは夜のうちに逃げた。道路はまだ閉鎖されている。"),
    ],
)
def test_other_languages_are_named(language: str, text: str) -> None:
    assert foreign_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Two killed in Orim.",
        "Ahmad al-Masri, Omar Haddad, Layla Nasser, Yusuf Karam, José da Silva, Ana de la Cruz, Ivan Petrov",
        "ARMY SHELLING KILLED TWO PEOPLE IN THE TOWN OF ORIM ON MONDAY, AND THE REBELS SAID THEY WOULD ANSWER IT.",
        "Protesters in the square chanted “الشعب يريد” and waved flags, residents said, as police stood by.",
        "",
    ],
)
def test_english_short_and_name_heavy_texts_pass(text: str) -> None:
    assert foreign_language(text) is None
