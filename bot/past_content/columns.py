"""Which column means what: names in English, Japanese and some European languages, in any case and spacing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

# Field of a post -> names it goes by, the surest first: with both a caption and a title, the caption is the text.
_NAMES: Mapping[str, str] = {
    "text": """
        text, full text, post text, caption, captions, content, contents, body, message, post, tweet, tweet text,
        share commentary, description,
        本文, テキスト, 投稿, 投稿内容, 投稿文, 投稿テキスト, キャプション, 内容, 文章, ツイート, メッセージ, 説明,
        texto, texto completo, contenido, publicación, mensaje, descripción, texte, contenu, légende, publication,
        inhalt, beitrag, nachricht, beschreibung, bildunterschrift, testo, contenuto, messaggio, didascalia,
        legenda, conteúdo, mensagem, postagem, descrição,
        title, タイトル, título, titre, titel, titolo""",
    "id": """
        id, post id, postid, id str, tweet id, media id, video id, shortcode, short code, 投稿id, ツイートid, 動画id,
        id de publicación, identifiant, beitrags id""",
    "created_at": """
        created at, created, created time, creation timestamp, timestamp, taken at, date, datetime, date time,
        posted at, posted, post date, posted on, published, published at, publish time, publish date, time,
        日付, 日時, 投稿日時, 投稿日, 作成日時, 作成日, 公開日, 公開日時,
        fecha, fecha de publicación, fecha y hora, date de publication, datum, erstellt, erstellt am,
        veröffentlicht, data, data di pubblicazione, data de publicação""",
    "url": """
        url, permalink, link, post url, posturl, share link, tweet url, 投稿url, リンク, パーマリンク, アドレス,
        enlace, lien, collegamento, ligação""",
    "likes": """
        likes, like, like count, likes count, favorite count, favorites, favourites, diggcount, number of likes,
        いいね, いいね数, いいねの数, 高評価, 高評価数, me gusta, likes totales, j'aime, mentions j'aime,
        gefällt mir, gefällt mir angaben, mi piace, curtidas, gostos""",
    "comments": """
        comments, comment count, comments count, number of comments, replies, reply count,
        コメント, コメント数, コメントの数, 返信, 返信数, comentarios, commentaires, kommentare, commenti,
        comentários""",
    "sponsored": """
        sponsored, is sponsored, ad, is ad, pr, is pr, advertisement, paid partnership, is paid partnership,
        branded content, 広告, 広告表示, pr表記, タイアップ, 案件, スポンサー, patrocinado, publicidad, publi,
        sponsorisé, partenariat rémunéré, werbung, anzeige, sponsorizzato, patrocinado""",
    "language": "lang, language, 言語, idioma, langue, sprache, lingua, língua",
    "kind": "kind, type, post type, media type, content type, media product type, 種類, 種別, 投稿タイプ, tipo, typ",
    "platform": "platform, network, source platform, プラットフォーム, 媒体, sns, plataforma, plateforme",
    "account": """
        account, account name, handle, username, user name, screen name, creator, influencer, owner username,
        アカウント, アカウント名, ユーザー名, ユーザーネーム, インフルエンサー, cuenta, compte, konto, conta""",
    "media": "media, media uri, media url, media urls, image, images, image url, photo, video, video url, 画像, 動画",
}


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """`name` without case, blanks, punctuation and accents: "Post_ID", "post id" and "ＰＯＳＴＩＤ" are one."""
    return "".join(character for character in unicodedata.normalize("NFKD", name).casefold() if character.isalnum())


_FIELDS = {folded(name): (field, rank) for field, names in _NAMES.items() for rank, name in enumerate(names.split(","))}


@lru_cache(maxsize=1024)
def columns(names: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    """Field -> positions in `names` that hold it, the surest first. Names that mean nothing here are left out."""
    found: dict[str, list[tuple[int, int]]] = {}
    for position, name in enumerate(names):
        if known := _FIELDS.get(folded(name)):
            found.setdefault(known[0], []).append((known[1], position))
    return {field: tuple(position for _, position in sorted(ranked)) for field, ranked in found.items()}


def fields_of(names: Sequence[str], values: Sequence[object]) -> dict[str, object]:
    """One row by field: of several columns for a field the surest that is filled. Too few values count as empty."""
    row: dict[str, object] = {}
    for field, positions in columns(tuple(names)).items():
        filled = (values[position] for position in positions if position < len(values))
        value = next((value for value in filled if value is not None and value != ""), None)
        if value is not None:
            row[field] = value
    return row


def shown(names: Sequence[str], limit: int = 12) -> str:
    """At most `limit` names from a file, cut to what fits into a sentence."""
    cut = [name if len(name) <= 40 else f"{name[:40]}…" for name in names[:limit]]
    return ", ".join((*cut, "…") if len(names) > limit else cut)
