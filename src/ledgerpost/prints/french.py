"""Pages in French."""

from typing import Final

from ledgerpost.prints.tongue import Tongue

WORDS: Final = Tongue(
    code="fr",
    cheque="Chèque",
    certificate="Certificat au porteur",
    chequebook="Chéquier",
    receipt="Reçu de banque",
    key="Clé sur papier",
    message="Un message",
    number="N°",
    pay="Payez à",
    anyone="qui le présente en premier",
    drawer="Tiré par",
    bank="À la banque",
    party="Pour",
    buyer="Acheté par",
    handed="Endossé à",
    more="et {count} autres, tous dans les codes",
    earlier="après {count} autres, tous dans le code",
    not_before="Pas avant le",
    until="Valable jusqu’au",
    memo="Motif",
    asset="En",
    unknown_asset="unités de l’actif {digest}…",
    nameless="nom inconnu",
    joint="et",
    only_code="Seul le code compte : tout le monde peut imprimer des mots.",
    names="Les noms sont ceux que chacun se donne. Comparez les lettres en dessous.",
    check_cheque="Pour le vérifier, même loin de tout réseau : photographiez ou numérisez le code, puis "
    "`ledgerpost take PHOTO`\nSeule la banque peut dire s’il est provisionné et s’il n’a pas déjà été présenté.",
    check_certificate="Pour le vérifier, même loin de tout réseau : photographiez ou numérisez le code, puis "
    "`ledgerpost take PHOTO`\nLa banque en a mis la valeur de côté. Elle seule peut dire s’il a été encaissé ou "
    "endossé deux fois.",
    hand_on="Pour l’endosser : `ledgerpost endorse {number} BÉNÉFICIAIRE` fait un nouveau code. "
    "Déchirez alors ce papier.",
    check_chequebook="La banque a donné ces numéros à ce titulaire ; chacun vaut pour un chèque ou un paiement.\n"
    "Pour le vérifier : photographiez ou numérisez le code, puis `ledgerpost show PHOTO`",
    check_receipt="La parole signée de la banque sur ce que contient le compte. Les codes des pages suivantes la "
    "portent, avec ce dont elle découle.\nPour le vérifier : photographiez-les ou numérisez-les, puis "
    "`ledgerpost show PHOTO...`",
    check_message="Pour le lire : photographiez ou numérisez les codes, dans n’importe quel ordre, puis "
    "`ledgerpost show PHOTO...`\nPour le passer à l’ordinateur du destinataire : "
    "`ledgerpost take PHOTO... --into DOSSIER`, puis `ledgerpost carry DOSSIER`",
    coding="Le code contient du texte : LPOST:/ et des chiffres, 17 pour 7 octets.",
    code_of="code {number} sur {count}",
    any_restore="{parts} de ces {count} codes, dans n’importe quel ordre, suffisent à rétablir le message ; "
    "rarement un de plus.",
    alone="Un seul code le contient en entier.",
    follow="Ses codes sont sur les pages suivantes.",
    numbers="Numéros",
    count="{count} numéros",
    balance="Solde",
    nothing="rien",
    outstanding="En cours",
    holder="le porteur du certificat",
    after_letter="après la lettre {seq}, {time}",
    agreed="convenu : signé par la banque et par le titulaire",
    not_agreed="signé par la banque, pas encore par le titulaire",
    done="fait",
    refused="refusé ({code})",
    key_of="de",
    whoever="Qui lit ce papier a la clé. Gardez-le avec votre argent. Effacez le fichier dont il a été imprimé.",
    restore="Sur un autre ordinateur : `ledgerpost wallet restore` demande les 24 mots, ou leurs numéros.",
    compare="Comparez ensuite l’empreinte ci-dessus.",
    key_code="Ou photographiez le code, puis : `ledgerpost wallet restore --words-file PHOTO`, et effacez la photo.",
    digits="Le code contient LPKEY:/ et les 24 numéros.",
    contents="Contenu",
    recipient="Pour",
    sealed="scellé : seul son destinataire peut l’ouvrir",
    useful="Utile jusqu’au",
    orders={
        "": "un ordre illisible",
        "createaccount": "ouverture du compte",
        "spendto": "paiement",
        "cancelspend": "paiement repris",
        "confirmreceipt": "paiement accepté",
        "denyreceipt": "paiement renvoyé",
        "depositcheque": "chèque présenté",
        "redeemcertificate": "certificat encaissé",
        "getsequence": "numéros commandés",
        "stopcheque": "numéros fermés",
        "issueasset": "actif émis",
        "takein": "avis pris en compte",
        "dropnotices": "avis abandonnés",
        "getq": "ce qui attend, demandé",
        "getconfirmedbalance": "dernier solde convenu, demandé",
        "getconfirmedoutstandingspends": "en cours lors du dernier accord, demandé",
    },
)
