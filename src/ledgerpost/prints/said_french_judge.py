"""What the judge itself says, in French: every sentence of its findings, questions and settled matters."""

from typing import Final

_BANK: Final = {
    "the bank refused as unreadable or unproven what reads and verifies": "la banque a refusé comme illisible ou non "
    "prouvé ce qui se lit et se vérifie",
    "the bank refused as late what it answered in time": "la banque a refusé comme tardif ce à quoi elle a répondu à "
    "temps",
    "the bank refused for a fee that its terms do not ask": "la banque a refusé pour des frais que ses conditions ne "
    "demandent pas",
    "the bank refused an asset that it keeps balances of": "la banque a refusé un actif dont elle tient des soldes",
    "the bank says it was paid by a letter for which it was not": "la banque dit que ce fut payé par une lettre pour "
    "laquelle ce ne le fut pas",
    "the bank refused as out of date what its own time says was in date": "la banque a refusé comme périmé ce que sa "
    "propre heure dit valable",
    "the bank refused as expired what its own time says was in date": "la banque a refusé comme expiré ce que sa "
    "propre heure dit valable",
    "the bank refused its own certificate though it names nobody that it paid": "la banque a refusé son propre "
    "certificat sans nommer personne qu’elle ait payé",
    "the bank refused as the drawer's own what another presented": "la banque a refusé comme venant du tireur ce qu’un "
    "autre a présenté",
    "the bank says that the notice was taken in, and its own statement says that it was not": "la banque dit que "
    "l’avis a été pris en compte, et son propre relevé dit que non",
    "the bank says that no such notice waits, and it signed that very notice": "la banque dit qu’aucun avis de la "
    "sorte n’attend, et elle a signé cet avis même",
    "the bank says that the number is not open, and its own statement has it open": "la banque dit que le numéro n’est "
    "pas ouvert, et son propre relevé le donne ouvert",
    "the bank says that a number is not open, and its own statement has it open": "la banque dit qu’un numéro n’est "
    "pas ouvert, et son propre relevé le donne ouvert",
    "the bank says that the payee cannot be paid, and it is neither the spender nor the bank": "la banque dit que le "
    "bénéficiaire ne peut être payé, et ce n’est ni le payeur ni la banque",
    "the bank says that it was not covered, and its own statement has the funds": "la banque dit que la provision "
    "manquait, et son propre relevé la montre",
    "the bank says that no such spend is outstanding, and its own statement has it": "la banque dit qu’aucun paiement "
    "de la sorte n’est en cours, et son propre relevé l’a",
    "the bank shows for the spend's end a notice that does not say so": "la banque montre, pour la fin du paiement, un "
    "avis qui n’en dit rien",
    "the bank shows for the withdrawal a notice that is none": "la banque montre, pour le retrait, un avis qui n’en "
    "est pas un",
    "the bank said that the double signer lacked the funds, which that party's receipt contradicts": "la banque a dit "
    "que le double signataire manquait de provision, ce que le reçu de celui-ci dément",
    "the bank refused it as paid to another, and shows nothing that was paid": "la banque l’a refusé comme payé à un "
    "autre, et ne montre rien de payé",
    "the bank refused it for an instrument that nobody handed to it": "la banque l’a refusé pour un papier que "
    "personne ne lui a remis",
    "the bank refused it for another's instrument, which it shows": "la banque l’a refusé pour le papier d’un autre, "
    "qu’elle montre",
    "the bank refused it as paid to another, and shows this very one": "la banque l’a refusé comme payé à un autre, et "
    "montre celui-ci même",
    "the bank signed a certificate on a number that was used": "la banque a signé un certificat sur un numéro déjà "
    "utilisé",
    "the bank refused it for its drawer's account, and does not say what it found there": "la banque l’a refusé à "
    "cause du compte du tireur, et ne dit pas ce qu’elle y a trouvé",
    "the bank refused it with a reason that its own signed statement of the drawer contradicts": "la banque l’a refusé "
    "pour une raison que dément le relevé du tireur, qu’elle a signé elle-même",
    "the bank says that the drawer has no account, and signed a receipt for it before": "la banque dit que le tireur "
    "n’a pas de compte, et elle avait signé un reçu pour lui",
    "the bank never told the drawer what it told the presenter": "la banque n’a jamais dit au tireur ce qu’elle a dit "
    "au présentateur",
    "the bank told the spender that spend {number} was denied, and refused the denial": "la banque a dit au payeur que "
    "le paiement {number} était renvoyé, et a refusé ce renvoi",
    "the bank told the spender that spend {number} was accepted, and refused the acceptance": "la banque a dit au "
    "payeur que le paiement {number} était accepté, et a refusé cette acceptation",
    "the bank's time or its count of notices went backwards": "l’heure de la banque, ou son compte des avis, a reculé",
}

_FAULTS: Final = {
    "it signed a {kind} that does not read": "elle a signé un message illisible ({kind})",
    "two different receipts under sequence {seq} of one party": "deux reçus différents sous le numéro de suite {seq} "
    "d’un même titulaire",
    "receipt {newer} starts from another statement than receipt {older} has": "le reçu {newer} part d’un autre relevé "
    "que celui du reçu {older}",
    "two different notices {notice} for one party": "deux avis {notice} différents pour un même titulaire",
    "notice {second} was made before notice {first}, or names an older statement": "l’avis {second} a été fait avant "
    "l’avis {first}, ou nomme un relevé plus ancien",
    "number {number} was charged twice, by notices {first} and {second}": "le numéro {number} a été débité deux fois, "
    "par les avis {first} et {second}",
    "receipt {seq} has less than follows from the letters it answers": "le reçu {seq} a moins que ce qui découle des "
    "lettres auxquelles il répond",
    "receipt {seq} lists a debit on number {number}, which its statement lacks": "le reçu {seq} porte un débit sur le "
    "numéro {number}, qui manque à son relevé",
    "spend {number} ended twice, by notices {first} and {second}": "le paiement {number} a pris fin deux fois, par les "
    "avis {first} et {second}",
    "receipt {seq} forgot notice {notice}, which nobody took in": "le reçu {seq} a oublié l’avis {notice}, que "
    "personne n’a pris en compte",
    "notice {notice} names statement {named}, which receipt {seq} belies": "l’avis {notice} nomme le relevé {named}, "
    "que dément le reçu {seq}",
    "notice {second} withdraws another spend than notice {first} brought": "l’avis {second} retire un autre paiement "
    "que celui qu’apporta l’avis {first}",
    "the instrument was endorsed to another too": "le papier a été endossé aussi à un autre",
    "the number was signed to another too": "le numéro a été signé aussi à un autre",
    "gave out number {number} twice": "a donné deux fois le numéro {number}",
    "endorsed one instrument to two": "a endossé un même papier à deux personnes",
    "signed one number to two": "a signé un même numéro à deux personnes",
    "signed two certificates on one number": "a signé deux certificats sur un même numéro",
    "cheque {number} was not covered": "le chèque {number} n’était pas provisionné",
    "cheque {number} was on a number used otherwise, or stopped": "le chèque {number} était sur un numéro utilisé "
    "autrement, ou fermé",
}

_SETTLED: Final = {
    "number {number} was paid": "le numéro {number} a été payé",
    "balance by receipt {seq}": "solde d’après le reçu {seq}",
    "receipt {seq} is the newest here: agreed by both": "le reçu {seq} est ici le plus récent : convenu par les deux",
    "receipt {seq} is the newest here: signed by the bank, and follows from signed letters": "le reçu {seq} est ici le "
    "plus récent : signé par la banque, et découle de lettres signées",
    "gave up any claim on cheque {number} against one debtor": "a renoncé à toute créance sur le chèque {number} "
    "contre un débiteur",
    "gave up any claim on certificate {number} against one debtor": "a renoncé à toute créance sur le certificat "
    "{number} contre un débiteur",
    "spend {number} was accepted": "le paiement {number} a été accepté",
    "spend {number} was sent back": "le paiement {number} a été renvoyé",
    "spend {number} was withdrawn": "le paiement {number} a été retiré",
    "spend {number} was not taken before its end": "le paiement {number} n’a pas été pris avant sa fin",
}

_QUESTIONS: Final = {
    "whether receipt {seq} of {who} follows from its letters": "si le reçu {seq} de {who} découle de ses lettres",
    "whether the claim on number {number} has lapsed": "si la créance sur le numéro {number} est éteinte",
    "who signed number {number} twice": "qui a signé deux fois le numéro {number}",
    "whether the bank {who} signed what bears its name": "si la banque {who} a signé ce qui porte son nom",
    "whether cheque {number} runs longer than its chequebook": "si le chèque {number} court plus longtemps que son "
    "chéquier",
    "whether the bank signed {who} anything newer, or something else under the same number": "si la banque a signé à "
    "{who} quelque chose de plus récent, ou autre chose sous le même numéro",
    "whether another was signed under number {number}, or {kind} {other} to another": "si un autre a été signé sous le "
    "numéro {number}, ou le {kind} {other} à quelqu’un d’autre",
    "whether {who} has given the claim up": "si {who} a renoncé à la créance",
    "what became of letter {seq} of {who}": "ce qu’est devenue la lettre {seq} de {who}",
    "what statement {seq} of {who} says, which is named": "ce que dit le relevé {seq} de {who}, qui est nommé",
    "what the terms say that letter {seq} of {who} was written under": "ce que disent les conditions sous lesquelles "
    "fut écrite la lettre {seq} de {who}",
    "how a spend of {who} ended, which the bank refused to end": "comment a fini un paiement de {who}, que la banque a "
    "refusé de clore",
    "whether the bank kept the asset that it refused": "si la banque tenait l’actif qu’elle a refusé",
    "who issues the asset of number {number}, and up to what limit": "qui émet l’actif du numéro {number}, et jusqu’à "
    "quelle limite",
    "what receipt {seq} of {who} names beside it": "ce que le reçu {seq} de {who} nomme à ses côtés",
    "by which letter an instrument was paid before": "par quelle lettre un papier avait été payé",
    "what notice {notice} ({kind}) of {who} says": "ce que dit l’avis {notice} ({kind}) de {who}",
    "whether {kind} {number} was presented, and what became of it": "si le {kind} {number} a été présenté, et ce "
    "qu’il est devenu",
    "whether cheque {number} was presented before its end": "si le chèque {number} a été présenté avant sa fin",
    "whether the bank gave out number {number}": "si la banque a donné le numéro {number}",
    "whether number {number} was charged already when the cheque was refused": "si le numéro {number} était déjà "
    "débité quand le chèque fut refusé",
    "whether the drawer was told that cheque {number} was not covered": "si le tireur a su que le chèque {number} "
    "n’était pas provisionné",
    "whether number {number} was open when the cheque was refused": "si le numéro {number} était ouvert quand le "
    "chèque fut refusé",
    "whether cheque {number} was covered when it was refused": "si le chèque {number} était provisionné quand il fut "
    "refusé",
    "whether notice {notice} of {who} was signed for": "si l’avis {notice} de {who} était signé par qui de droit",
    "the card of the party {who}": "la carte du titulaire {who}",
}

_REASONS: Final = {
    "letter {seq}, {kind}: {why}": "lettre {seq}, {kind} : {why}",
    "receipt {seq}: {why}": "reçu {seq} : {why}",
    "notice {notice} takes {amount} that were not signed away: {why}": "l’avis {notice} prend {amount} que personne "
    "n’a cédés par signature : {why}",
    "notice {notice}: {why}": "avis {notice} : {why}",
    "a notice is false: {why}": "un avis est faux : {why}",
    "what stands beside the receipt is not good: {why}": "ce qui accompagne le reçu n’est pas bon : {why}",
    "letter {seq} cannot have been carried out so: {why}": "la lettre {seq} n’a pu être exécutée ainsi : {why}",
    "letter {seq} has {orders} orders and {results} results": "la lettre {seq} a {orders} ordres et "
    "{results} résultats",
    "an order was done, and what it brings is not named": "un ordre a été fait, et ce qu’il apporte n’est pas nommé",
    "another signed or bought what is in it": "un autre a signé ou acheté ce qu’il contient",
    "it closes a spend as if it were a certificate": "il clôt un paiement comme si c’était un certificat",
    "it closes another spend than the one outstanding": "il clôt un autre paiement que celui en cours",
    "it is about another cheque or certificate than the one in it": "il porte sur un autre chèque ou certificat que "
    "celui qu’il contient",
    "it is about another kind of instrument": "il porte sur une autre sorte de papier",
    "it names no presenter": "il ne nomme pas de présentateur",
    "it says other than the message in it": "il dit autre chose que le message qu’il contient",
    "it withdraws another spend than the notice it names brought": "il retire un autre paiement que celui qu’apporta "
    "l’avis qu’il nomme",
    "its number was not open when it was charged": "son numéro n’était pas ouvert quand il fut débité",
    "its number was past its end when it was charged": "son numéro était échu quand il fut débité",
    "nobody handed the instrument in it to the bank": "personne n’a remis à la banque le papier qu’il contient",
    "nothing signed by the other is enclosed": "rien de signé par l’autre n’y est joint",
    "signed by another key than the one at hand": "signé par une autre clé que celle-ci",
    "the base is newer than the statement": "la base est plus récente que le relevé",
    "the base was agreed by no letter": "aucune lettre n’est convenue de la base",
    "nobody agreed to the base": "personne n’est convenu de la base",
    "the bytes end before what they announce": "les octets s’arrêtent avant ce qu’ils annoncent",
    "the certificate brought allows another chain than the terms said": "le certificat apporté permet une autre chaîne "
    "que ne disaient les conditions",
    "the certificate brought is not the one bought": "le certificat apporté n’est pas celui acheté",
    "the cheque was charged before its start or after its end": "le chèque a été débité avant son début ou après sa "
    "fin",
    "the chequebook brought is not the one ordered": "le chéquier apporté n’est pas celui commandé",
    "the letter named for it does not agree to the base": "la lettre nommée pour elle ne convient pas de la base",
    "the letters answered do not follow one another": "les lettres auxquelles il répond ne se suivent pas",
    "the letter was made for another bank": "la lettre a été faite pour une autre banque",
    "the receipt leaves out letters between its base and its statement": "le reçu omet des lettres entre sa base et "
    "son relevé",
    "the receipt lists a debit on number {number}, which its own statement lacks": "le reçu porte un débit sur le "
    "numéro {number}, qui manque à son propre relevé",
    "the signature does not verify": "la signature ne se vérifie pas",
    "the spend had not ended yet": "le paiement n’avait pas encore pris fin",
    "the statement does not follow from the base and the letters answered": "le relevé ne découle pas de la base et "
    "des lettres auxquelles il répond",
    "the statement is another party's or bank's": "le relevé est celui d’un autre titulaire ou d’une autre banque",
    "the two chains in it do not part at the debtor's signature": "les deux chaînes qu’il contient ne se séparent pas "
    "à la signature du débiteur",
    "two chains of a certificate belong in it": "deux chaînes d’un certificat y ont leur place",
    "an instrument of another bank": "un papier d’une autre banque",
    "a byte string, not empty, belongs here": "il faut ici une suite d’octets, non vide",
    "{count} items where at most {most} are allowed": "{count} éléments où {most} au plus sont permis",
    "a {kind} where a {wanted} belongs": "un message {kind} là où il faut {wanted}",
}

_FILES: Final = {
    "it holds nothing": "il ne contient rien",
    "no document of ledgerpost": "ce n’est pas un document de ledgerpost",
    "the key of {name}, who is named as its signer, is not among the files": "la clé de {name}, qui y est nommé comme "
    "signataire, n’est pas parmi les fichiers",
    "no envelope of ledgerpost": "ce n’est pas une enveloppe de ledgerpost",
    "an envelope of another version of ledgerpost": "une enveloppe d’une autre version de ledgerpost",
    "a message of another version of ledgerpost": "un message d’une autre version de ledgerpost",
    "the envelope is sealed: only its recipient's key opens it": "l’enveloppe est scellée : seule la clé de son "
    "destinataire l’ouvre",
    "{count} bytes follow the end": "{count} octets suivent la fin",
    "{count} bytes where at most {most} are allowed": "{count} octets où {most} au plus sont permis",
    "no valid CBOR": "pas du CBOR valide",
    "this picture is damaged: {why}": "cette image est endommagée : {why}",
    "image file is truncated": "le fichier est tronqué",
    "reading this picture took more memory or time than a picture may": "lire cette image a pris plus de mémoire ou de "
    "temps qu’une image n’en a droit",
    "no code found in this picture": "aucun code trouvé dans cette image",
    "this code is none of ledgerpost's": "ce code n’est pas de ledgerpost",
    "1 code of a message in {parts} is here; 1 more is needed: number {numbers}, or any later ones": "1 code d’un "
    "message en {parts} est là ; il en faut encore 1 : le numéro {numbers}, ou tout autre au-delà",
    "1 code of a message in {parts} is here; {more} more are needed: number {numbers}, or any later ones": "1 code "
    "d’un message en {parts} est là ; il en faut encore {more} : les numéros {numbers}, ou d’autres au-delà",
    "{seen} codes of a message in {parts} are here; 1 more is needed: number {numbers}, or any later ones": "{seen} "
    "codes d’un message en {parts} sont là ; il en faut encore 1 : le numéro {numbers}, ou tout autre au-delà",
    "{seen} codes of a message in {parts} are here; {more} more are needed: number {numbers}, or any later "
    "ones": "{seen} codes d’un message en {parts} sont là ; il en faut encore {more} : les numéros {numbers}, ou "
    "d’autres au-delà",
    "{seen} codes of a message in {parts} do not fit together: some are misread or forged": "{seen} codes d’un message "
    "en {parts} ne vont pas ensemble : certains sont mal lus ou faux",
}

SENTENCES: Final = {
    "cheque": "chèque",
    "certificate": "certificat",
    **_BANK,
    **_FAULTS,
    **_SETTLED,
    **_QUESTIONS,
    **_REASONS,
    **_FILES,
}
