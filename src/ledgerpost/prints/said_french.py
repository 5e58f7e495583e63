"""Verdicts in French."""

from typing import Final

from ledgerpost.prints.said import Said
from ledgerpost.prints.said_french_judge import SENTENCES

_PAGE: Final = {
    "Verdict": "Verdict",
    "Verdict of {time}": "Verdict du {time}",
    "Judged by the rules of ledgerpost at {time} by this computer's clock, from the files listed at the end and from "
    "nothing else. More files may change it.": "Jugé selon les règles de ledgerpost à {time} d’après l’horloge de cet "
    "ordinateur, sur les fichiers énumérés à la fin et sur rien d’autre. D’autres fichiers peuvent le changer.",
    "The newest time that {who} signed in them is {time}.": "La dernière heure que {who} y a signée est {time}.",
    "That is later than this computer's clock: set it, and judge again.": "C’est plus tard que l’horloge de cet "
    "ordinateur : réglez-la, et jugez de nouveau.",
    "Who is spoken of": "De qui il est question",
    "calls itself": "se nomme",
    "is": "est",
    "fingerprint": "empreinte",
    "bank": "banque",
    "party": "titulaire",
    "(no card here)": "(pas de carte ici)",
    "anyone": "n’importe qui",
    "A name is what its bearer wrote on a card. Only the fingerprint says who it is.": "Un nom est ce que son porteur "
    "a écrit sur une carte. Seule l’empreinte dit qui c’est.",
    "What the files prove": "Ce que les fichiers prouvent",
    "Nothing against anybody.": "Rien contre personne.",
    "What cannot be decided yet": "Ce qui ne peut pas encore être tranché",
    "What is settled": "Ce qui est réglé",
    "What nobody has raised": "Ce que personne n’a soulevé",
    "What no file can prove": "Ce qu’aucun fichier ne peut prouver",
    "that the bank did not answer, or that a letter or notice never arrived. Send the letter again before witnesses: "
    "the answer is the proof;": "que la banque n’a pas répondu, ou qu’une lettre ou un avis n’est jamais arrivé. "
    "Renvoyez la lettre devant témoins : la réponse est la preuve ;",
    "that somebody holds back a newer receipt;": "que quelqu’un retient un reçu plus récent ;",
    "who came to the counter first, where two present one paper;": "qui est venu le premier au guichet, quand deux "
    "présentent le même papier ;",
    "that a bank and a friend made units from nothing: only an audit of all its books shows that;": "qu’une banque et "
    "un complice ont créé des unités à partir de rien : seul un audit de tous ses livres le montre ;",
    "who held a stolen key: its signatures are its owner's;": "qui tenait une clé volée : ses signatures sont celles "
    "de son propriétaire ;",
    "whether goods were good, or anything else that nobody signed.": "si la marchandise était bonne, ni rien d’autre "
    "que personne n’a signé.",
    "Because {why}.": "Parce que : {why}.",
    "Shown, in this order, by:": "Démontré, dans cet ordre, par :",
    "It is raised by:": "La question vient de :",
    "Any one of these would help to decide it:": "N’importe lequel de ceux-ci aiderait à trancher :",
    "Ask {whom}.": "À demander à : {whom}.",
    "Files judged": "Fichiers jugés",
    "file": "fichier",
    "SHA-256 of its bytes": "SHA-256 de ses octets",
    "counts for nothing:": "ne compte pour rien :",
    "in part for nothing:": "ne compte pas, en partie :",
    "not read": "pas lu",
    "place and day on which this was read to both sides": "lieu et jour où ceci a été lu aux deux parties",
    "name and signature of whoever judged": "nom et signature de qui a jugé",
}

_VERDICT: Final = {
    "{who} owes {whom} {amount}.": "{who} doit à {whom} {amount}.",
    "{who} owes {amount}.": "{who} doit {amount}.",
    "{who} is proven at fault, towards {whom}.": "La faute de {who} est prouvée, envers {whom}.",
    "{who} is proven at fault.": "La faute de {who} est prouvée.",
    "{said} (rule {rule})": "{said} (règle {rule})",
    "{what}: {said}": "{what} : {said}",
    "{owed}, because {why}: so it is claimed, not proven.": "{owed}, parce que : {why} ; c’est affirmé, pas prouvé.",
    "{question}; it would take {wants}.": "{question} ; il y faudrait {wants}.",
    " or ": " ou ",
    "{units} units of an asset without contract here ({name}…)": "{units} unités d’un actif sans contrat ici ({name}…)",
    " of {who}": " de {who}",
    " for {who}": " pour {who}",
    " to {who}": " à {who}",
    " after letter {number}": " après la lettre {number}",
    "whoever has it": "qui l’a",
    "of the statement {digest}": "du relevé {digest}",
    "the card{of}": "la carte{of}",
    "{who}, or anybody to whom it was given": "{who}, ou quiconque l’a reçue",
    "the bank card{of}": "la carte de banque{of}",
    "the bank, or anybody with an account there": "la banque, ou quiconque y a un compte",
    "the terms{of} that the letter names": "les conditions{of} que nomme la lettre",
    "the signed contract of the asset": "le contrat signé de l’actif",
    "its issuer, the bank, or anybody who holds some": "son émetteur, la banque, ou quiconque en détient",
    "a receipt{for}{after} and what stands beside it": "un reçu{for}{after} et ce qui l’accompagne",
    "{who}, or the bank": "{who}, ou la banque",
    "the statement{of}{after}": "le relevé{of}{after}",
    "{who}, or the bank: it stands beside a receipt": "{who}, ou la banque : il accompagne un reçu",
    "what stands beside the receipt{for}": "ce qui accompagne le reçu{for}",
    "notice{number}{to}": "l’avis{number}{to}",
    "a notice{to}": "un avis{to}",
    "{who}, or the bank while it waits there": "{who}, ou la banque tant qu’il y attend",
    "letter{number}{of}": "la lettre{number}{of}",
    "the chequebook{of} that has number{number}": "le chéquier{of} où est le numéro{number}",
    "{who}, or whoever was given the cheque": "{who}, ou qui a reçu le chèque",
    "a cheque{number}{of}": "un chèque{number}{of}",
    "a certificate{number}{of}": "un certificat{number}{of}",
    "its holder": "son porteur",
    "a cheque or certificate{number}{of}": "un chèque ou certificat{number}{of}",
    "its holder, or whoever was paid for it": "son porteur, ou qui en a été payé",
    "a release{of}": "une quittance{of}",
    "{who}, or whom it released": "{who}, ou celui qu’elle a libéré",
    "another document{of}": "un autre document{of}",
    "{who}": "{who}",
}

_EXHIBITS: Final = {
    "in": "dans",
    "inside a document in": "à l’intérieur d’un document de",
    "not itself among the files": "absent lui-même des fichiers",
    "a document that others name": "un document que d’autres nomment",
    ", signed by {who}": ", de la main de {who}",
    ", to {who}": ", à {who}",
    ", with {count} endorsement": ", avec {count} endossement",
    ", with {count} endorsements": ", avec {count} endossements",
    "the statement of {who} after letter {seq}": "le relevé de {who} après la lettre {seq}",
    "the receipt for {who} after letter {seq}": "le reçu pour {who} après la lettre {seq}",
    "endorsement {at} on {instrument}": "endossement {at} sur {instrument}",
    "certificate {number}": "certificat {number}",
    "cheque {number}": "chèque {number}",
    "a message of the type {kind}": "un message du type {kind}",
    "a {kind} that does not read: {why}": "un message du type {kind}, illisible : {why}",
    "notice {notice} to {who} ({kind}, number {number})": "avis {notice} à {who} ({kind}, numéro {number})",
    "the chequebook of {who}, numbers {numbers}": "le chéquier de {who}, numéros {numbers}",
    "the contract of {name}": "le contrat de {name}",
    "the card of {who}": "la carte de {who}",
    "the bank card of {who}": "la carte de banque de {who}",
    "the order that opens the account (createaccount)": "l’ordre qui ouvre le compte (createaccount)",
    "terms {serial}": "conditions {serial}",
    "letter {seq}": "lettre {seq}",
    "a release": "une quittance",
}

SAID: Final = Said("fr", {**_PAGE, **_VERDICT, **_EXHIBITS}, SENTENCES)
