### Every word a person reads, in German. One section per conversation; keys are the same in every language.

## Tools

tool-clean = Metadaten entfernen
tool-resize = Größe & Format
tool-enhance = Verbessern
tool-cutout = Freistellen
preset-longest = { NUMBER($pixels, useGrouping: 0) } px
preset-half = Halbe Größe
preset-e-mail = Für E-Mail
preset-under = Unter { $size }
preset-format = { $format }
preset-low = Schwach
preset-medium = Mittel
preset-high = Stark
preset-transparent = Durchsichtig
preset-white = Weiß
preset-blur = Unscharf
preset-colour = { $colour }
preset-other-colour = Andere Farbe …
preset-other-photo = Anderes Foto …

## Errors

error-not-a-photo = Diese Datei ist kein Bild, das ich öffnen kann. Ich nehme JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC und AVIF.
error-too-many-bytes = Diese Datei ist größer als { $detail } MB, und mehr kann ich nicht nehmen. Schick sie als Foto statt als Datei, oder verkleinere sie vorher.
error-too-many-pixels = Dieses Foto hat { $detail } Megapixel, mehr als ich nehmen kann. Verkleinere es vorher.
error-broken = Dieses Foto ist beschädigt: Es endet zu früh, oder seine Daten ergeben keinen Sinn. Schick es noch einmal, oder eine andere Kopie.
error-too-complex = Diese Datei ist so gebaut, dass das Öffnen unvernünftig lange dauern würde. Speichere sie in einem Fotoprogramm neu und schick sie dann.
error-too-much-metadata = Diese Datei enthält mehr Metadaten als Bild. Speichere sie in einem Fotoprogramm neu und schick sie dann.
error-too-small-a-target = So klein geht es nicht, wenn es ein Bild bleiben soll. Wähle eine größere Vorgabe.
error-result-too-many-pixels = Das Ergebnis hätte { $detail } Megapixel, mehr als ich erzeugen kann. Wähle eine kleinere Größe.
error-side-too-long = Eine Seite des Ergebnisses wäre länger als { $detail } Pixel, und mehr fasst das Format nicht. Wähle eine kleinere Größe oder ein anderes Format.
error-unsupported = Diese Art von Datei wird nicht unterstützt. Speichere sie als JPEG oder PNG und schick sie dann.
error-no-subject = Ich finde auf diesem Foto nichts, was sich vom Hintergrund abhebt.
error-no-second-photo = Das Foto für den Hintergrund fehlt. Wähle „{ preset-other-photo }“, dann schick es.
error-too-small-to-print = Dieses Foto ist zu klein für dieses Papier: Es hätte dort { $detail } Pixel je Zoll und wäre völlig unscharf. Nimm ein größeres Foto.
error-result-too-large = Das Ergebnis hätte { $detail } MB, und Telegram nimmt von einem Bot höchstens 50. Wähle eine kleinere Größe oder ein anderes Format.
error-out-of-memory = Dieses Foto braucht mehr Speicher, als ein Auftrag haben darf. Nichts ist verloren: Verkleinere es, oder versuche ein anderes Werkzeug.
error-took-too-long = Das dauerte länger, als ein Auftrag dauern darf, also habe ich es angehalten. Dein Foto ist aus dem Speicher fort. Versuche ein kleineres.
error-module-missing = { error-crashed }
error-codec-missing = { error-crashed }
error-crashed = Der Auftrag ist gescheitert, und dein Foto ist aus dem Speicher fort. Das liegt an uns: Bitte versuche es noch einmal, oder ein anderes Werkzeug.
error-stopped = Angehalten. Dein Foto ist aus dem Speicher fort. Soll ich etwas anderes damit tun?
error-busy-you = Bei dir warten schon { $limit } Aufträge. Wenn einer fertig ist, tippe noch einmal.
error-busy-all = Gerade warten sehr viele Fotos. Bitte tippe in ein paar Minuten noch einmal.
error-busy-tickets = Du hast schon { $limit } offene Anfragen. Schreib in einer davon weiter, als Antwort auf eine ihrer Nachrichten; die Betreiber sehen alles.
error-busy-words = Das ist mehr, als die Betreiber in einer Stunde lesen können. Schreib bitte etwas später weiter; nichts, was du abgeschickt hast, geht verloren.
error-busy-orders = Im Moment warten zu viele Bestellungen darauf, bezahlt zu werden. Bezahl eine deiner Rechnungen oben, oder versuch es in einer Stunde noch einmal.
error-out-suffix = Das Ergebnis ist ein { $format }; gib ihm diese Endung, oder eine von .jpg, .png, .webp, .avif.
error-no-such-tool = Es gibt kein Werkzeug „{ $tool }“. Die Werkzeuge sind: { $tools }.
error-setting-shape = „{ $setting }“ ist keine Einstellung: schreibe sie als schlüssel=wert.
error-not-delivered = Ich konnte das Foto nicht holen oder das Ergebnis nicht senden: zwischen Telegram und mir ging etwas schief. Hier ist nichts davon geblieben. Bitte tippe noch einmal.
error-unexpected = Bei uns ist etwas schiefgegangen. Es ist vermerkt, ohne jeden Inhalt. Bitte versuche es noch einmal.
error-no-such-setting = Dieses Werkzeug hat keine Einstellung namens „{ $setting }“.
error-setting-range = „{ $setting }“ muss eine ganze Zahl von { NUMBER($low, useGrouping: 0) } bis { NUMBER($high, useGrouping: 0) } sein.
error-setting-choice = „{ $setting }“ muss eins hiervon sein: { $choices }.
error-setting-missing = „{ $setting }“ fehlt.
error-setting-key = „{ $setting }“ ist kein Schlüssel, für den age versiegeln kann.
error-settings-conflict = „{ $first }“ und „{ $second }“ bestimmen beide die Größe. Wähle eins davon.
error-setting-too-many-pixels = Ein Ergebnis darf höchstens { $limit } Megapixel haben. Wähle eine kleinere Breite oder Höhe.

## What clean reports

report-camera = Kamera: { $value }
report-lens = Objektiv: { $value }
report-serial = Die Seriennummer von Kamera oder Objektiv
report-taken = Aufgenommen: { $value }
report-changed = Zuletzt geändert: { $value }
report-author = Urheber: { $value }
report-copyright = Copyright: { $value }
report-description = Beschreibung: { $value }
report-comment = Kommentar: { $value }
report-software = Bearbeitet mit: { $value }
report-edits = Ein Verlauf von { $value } Bearbeitungsschritten
report-faces = Markierte Gesichter: { $value }
report-altitude = Höhe: { $value } m
report-city = Ort: { $value }
report-thumbnail = Ein Vorschaubild darin ({ $value } Byte)
report-extra-pictures = Weitere Bilder darin: { $value }
report-maker-note = Notizen des Kameraherstellers ({ $value } Byte)
report-exif = EXIF, die Daten der Kamera ({ $value } Byte)
report-xmp = XMP, die Daten von Fotoprogrammen ({ $value } Byte)
report-iptc = IPTC, die Daten von Redaktionen ({ $value } Byte)
report-c2pa = Content Credentials (C2PA): ein signierter Nachweis, woher das Bild stammt
report-trailing = Daten, versteckt nach dem Ende des Bildes ({ $value } Byte)
report-removed-bytes = Entfernt: { $value } Byte
report-rewritten = Dekodiert und als { $value } neu geschrieben, da sich dieses Format nicht an Ort und Stelle reinigen lässt
report-from-hdr = Das Foto war HDR; seine Helligkeit ist jetzt für gewöhnliche Bildschirme angepasst
report-first-only = Nur die erste Seite oder das erste Bild wurde behalten
report-as-webp = Als WebP, denn ein PNG davon wäre größer, als Telegram von einem Bot nimmt
report-nothing = Es waren keine Metadaten darin

## What resize and enhance report

report-quality = Qualität { $value } von 100: die beste, die passt
report-untouched = Es passte schon: Nur die Metadaten wurden entfernt
report-no-larger = Qualität { $value } von 100, damit es nicht größer ist als deine Datei
report-larger = Größer als deine Datei: Noch kleiner sähe es schlechter aus
report-larger-than-heic = Größer als deine Datei: JPEG braucht für dieselbe Qualität mehr Platz als HEIC
report-colours = Auf { $value } Farben verringert, damit es passt
report-shrunk = Auf { $value } Pixel verkleinert, weil es sonst nicht gut gepasst hätte
report-enlarged = Vergrößert: Es hat jetzt mehr Pixel, aber nicht mehr Einzelheiten
report-not-enlarged = Es war schon kleiner, also blieb die Größe
report-flattened = Dieses Format kennt keine Transparenz: Was durchsichtig war, ist jetzt weiß
report-cast = Ein Farbstich von { $value } % wurde entfernt
report-lighter = { $value } % heller
report-darker = { $value } % dunkler
report-calmed = Rauschen wurde geglättet

## Playground

## Conversations

promise =
    Darkroom bearbeitet Fotos, die man auf keine Website laden würde.

    • Dein Foto wird im Arbeitsspeicher entwickelt, in einem verriegelten Prozess, der mit dem Auftrag endet. Niemand sieht es, keine Festplatte hält es je fest.
    • Behalten wird nur das Nötige: dass du zugestimmt hast, was du gekauft und was du uns gefragt hast. Alles Weitere steht unter /privacy.
    • Telegram selbst behält, was in diesem Chat steht, bis du es löschst. „Chat leeren“ hilft dabei.

    Bist du einverstanden, dass Darkroom die Fotos bearbeitet, die du hierher schickst?
agree = Einverstanden
agreed-photo = Danke.
agreed = Danke. Schick mir jederzeit ein Foto; als Datei gesendet behält es seine volle Qualität.
start-again = Schön, dass du da bist. Schick mir ein Foto: als Datei in voller Qualität, oder einfach als Foto.
help =
    Schick mir ein Foto und wähle ein Werkzeug:

    • Metadaten entfernen: Ort, Zeit, Kamera, Namen; das Bild selbst bleibt bis aufs Pixel gleich.
    • Größe & Format: längste Seite, Prozent, Breite × Höhe oder unter einer Zahl von KB oder MB; JPEG, PNG, WebP, AVIF.
    • Verbessern: Licht, Farbe, Rauschen.
    • Freistellen: das Motiv auf nichts, Weiß, einer Farbe, unscharf oder vor einem anderen Foto.{ $prints ->
        [no] {""}
       *[yes] {"\u000A"}• „{ post-prints }“ unter einem Ergebnis: auf Papier, mit der Post.
    }

    Du kannst auf ein Foto auch mit einer Größe antworten: 1200, 50%, 800x600, 300 KB oder webp.

    /buy Guthaben, und was es kostet; /balance wie viel du hast
    /orders was du gekauft hast; /paysupport Hilfe bei einer Zahlung; /withdraw zurückgeben; /email wohin Belege gehen
    /support an die Betreiber schreiben
    /status was gerade läuft
    /cancel alle meine Aufträge anhalten
    /language Sprache wählen
    /privacy was behalten wird und was nicht; /mydata alles, was über dich da ist; /forget es löschen lassen
privacy =
    Was mit deinen Fotos geschieht: Sie werden in den Arbeitsspeicher geholt, in einem verriegelten Prozess ohne Dateien und Netz geöffnet, an dich zurückgeschickt und sind fort, sobald der Prozess endet. Kein Mensch und keine Festplatte bekommt sie je.{ $prints ->
        [no] {""}
       *[yes] {" "}Nur was du auf Papier bestellst, sieht jemand: das Labor, das es druckt.
    }

    Was behalten wird, in einer verschlüsselten Datenbank:
    • deine Zustimmung und deine Sprache: bis du mich blockierst
    • was du schickst: bis es erledigt ist; die Nummer davon zwei Tage
    • welche Nachrichten in diesem Chat sind, für „Chat leeren“: 48 Stunden
    • wo die Fotos eines Albums darin sind, oder eines, das auf seinen Hintergrund wartet: höchstens eine Stunde
    • was du gekauft hast und dein Guthaben, mit deiner Telegram-Nummer, damit Erstattungen ankommen: bis /forget; Unbezahltes 7 Tage, wo ein bezahltes Foto ist, bis es geliefert ist
    • deine E-Mail-Adresse, wenn du eine angibst: bis /email sie entfernt{ $maildays ->
        [0] {""}
       *[other] , oder { $maildays } Tage nach der letzten E-Mail
    }; unbestätigt 24 Stunden. Nur der Mailserver sieht sie
    • wie dein letzter Auftrag endete: eine Stunde, nur im Arbeitsspeicher; die Betreiber sehen es, wenn du ihnen wegen eines Fotos schreibst
    • was du an /support schreibst, und die Antworten: { $ticketdays ->
        [0] bis /forget
       *[other] bis { $ticketdays } Tage nach dem Schließen
    }. Das sehen die Betreiber, mit deiner Telegram-Nummer, und was du dort anhängst; niemals ein Foto aus den Werkzeugen{ $prints ->
        [no] {""}
       *[yes] {"\u000A"}• für Abzüge per Post Name und Adresse: versiegelt, sobald sie ankommen, sodass nur das Labor sie lesen kann, bis es sie hat; die E-Mail-Adresse der Zahlung: bis drei Tage nach der Ankunft; die Nummer des Pakets: ein halbes Jahr. Was du für die Zahlung eintippst, geht durch Telegram, die Nummer der Karte an Stripe
    }
    • dass du gesperrt bist, falls die Betreiber das tun: bis sie es aufheben; welcher Betreiber gesperrt, erstattet oder etwas gegeben hat: ein Jahr
    • wie viele Fotos du in einer Minute und heute geschickt hast: nur im Arbeitsspeicher
    • wie oft am Tag was benutzt wird, ohne Namen{ $analytics ->
        [no] {""}
       *[yes] ; Google Analytics bekommt diese Zahlen auch
    }

    /mydata zeigt alles, was über dich da ist. /forget löscht es, bis auf das, was du in den letzten 14 Tagen bezahlt hast, und ein Kennzeichen, das nur ich dir zuordnen kann. Eine Sicherung, die die Betreiber gemacht haben, behält, was da war, bis sie gelöscht ist.

    Was Telegram behält: alles in diesem Chat, auch Fotos und Ergebnisse, bis du es löschst. „Chat leeren“ löscht, was ein Bot löschen darf: die letzten 48 Stunden.

    Fassung { $version }. Ändert sie sich, frage ich vor dem nächsten Foto noch einmal.
menu = Was soll ich mit diesem Foto tun?
album-menu = Album mit { $photos } Fotos. Was soll ich mit ihnen tun?
album-others = Ich bearbeite nur die Fotos dieses Albums. Was sonst darin ist, Videos oder Dateien über { $limit } MB, lasse ich liegen.
album-no-photos = Ich bearbeite nur Fotos, und in diesem Album ist keines, das ich nehmen kann. Schick Fotos, jedes mit höchstens { $limit } MB.
album-too-old = Welche Fotos zu einem Album gehören, weiß ich nur eine Stunde lang, und die ist um. Schick das Album noch einmal, oder mach mit diesem einen Foto weiter:
album-done =
    { $done ->
       *[other] { $done } von { $photos } Fotos sind fertig.
        [one] Eines von { $photos } Fotos ist fertig.
    }
album-failed = Foto { $photo }: { $why }
hint-compressed = Telegram hat dieses Foto verkleinert, bevor ich es bekam. Für volle Qualität schick es nächstes Mal als Datei: mit „Datei“ statt „Foto“ anhängen.
choose-resize = Welche Größe oder welches Format? Du kannst auf dein Foto auch mit einer eigenen Größe antworten: 1200, 50%, 800x600, 300 KB.
choose-enhance = Wie stark?
choose-cutout = Was soll dahinter sein? Du kannst auf dein Foto auch mit einer eigenen Farbe antworten: #ffcc00, light blue.
wish-colour = Schreib mir die Farbe: #ffcc00, oder ihren englischen Namen, etwa light blue. Ich warte eine Viertelstunde darauf.
wish-photo = Schick mir das Foto, das dahinter sein soll. Ich warte eine Viertelstunde darauf.
wish-no-colour = Diese Farbe kenne ich nicht. Schreib sie als #ffcc00 oder mit ihrem englischen Namen, etwa light blue.
mend = Nicht ganz richtig?
mend-go = Noch einmal
back = Zurück
stop = Anhalten
stopping = Ich halte an …
nothing-to-stop = Hier gibt es nichts mehr anzuhalten.
already-working = Ich bin dabei.
job-done = Das ist erledigt.
goes-on-elsewhere = Das geht in einer anderen Nachricht weiter.
another-tool = Anderes Werkzeug
another-setting = Andere Einstellung
crop-to = Auf { NUMBER($width, useGrouping: 0) } × { NUMBER($height, useGrouping: 0) } zuschneiden
wipe = Chat leeren
rate-good = 👍 Gut
rate-not-good = 👎 Nicht gut
rated = Danke: gezählt, ohne deinen Namen.
wiped =
    { $count ->
        [one] Geleert: Eine Nachricht ist gelöscht.
       *[other] Geleert: { $count } Nachrichten sind gelöscht.
    }
wiped-not =
    { $count ->
        [0] Was älter als 48 Stunden ist, kannst nur du löschen:
        [one] Eine Nachricht ließ sich nicht löschen. Sie, und was älter als 48 Stunden ist, kannst nur du löschen:
       *[other] { $count } Nachrichten ließen sich nicht löschen. Sie, und was älter als 48 Stunden ist, kannst nur du löschen:
    } Öffne das Menü des Chats und wähle „Verlauf leeren“.
photo-gone = Das Foto zu diesem Menü ist fort. Schick es noch einmal, und ich fange neu an.
photo-replaced = Du hast dieses Foto inzwischen bearbeitet, und nachbessern lässt sich nur das freigestellte. Wähle für das neue noch einmal „{ tool-cutout }“.
tap-not-yours = Diese Taste gehört dir nicht.
not-checked = Telegram sagt mir gerade nicht, ob du hier Mitglied bist, also habe ich nichts getan. Versuch es in einer Minute noch einmal. Hilft das nicht, mach mich in dieser Gruppe zum Administrator.
tap-too-old = Diese Taste stammt aus einer älteren Fassung. Schick das Foto noch einmal.
send-a-photo = Schick mir ein Foto oder ein Bild als Datei, und ich zeige dir, was ich kann. Mehr unter /help.
say-size = Das habe ich nicht verstanden. Antworte auf das Foto mit einer Größe wie 1200, 50%, 800x600 oder 300 KB, oder mit jpeg, png, webp oder avif.
unknown-command = Diesen Befehl kenne ich nicht. /help zeigt, was ich kann.
refuse-document = Diese Datei sieht nicht nach einem Bild aus. Ich nehme JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC und AVIF.
refuse-video = Ich bearbeite nur Fotos. Für ein Bild aus einem Video mach ein Bildschirmfoto und schick mir das.
refuse-animation = Für Telegram ist das ein Video. Schick ein GIF als Datei „ohne Komprimierung“, dann kann ich es nehmen.
refuse-video-note = Ich bearbeite nur Fotos. Für ein Bild aus einem Video mach ein Bildschirmfoto und schick mir das.
refuse-voice = Ich kann nicht zuhören. Schick mir ein Foto, und ich zeige dir, was ich kann.
refuse-audio = Ich kann nicht zuhören. Schick mir ein Foto, und ich zeige dir, was ich kann.
refuse-sticker = Das ist schon ein Sticker. Schick mir ein Foto, und ich zeige dir, was ich kann.
refuse-live-photo = Dieses Live-Foto kam ohne sein Standbild an. Schick es als gewöhnliches Foto oder als Datei.
refuse-story = Was in einer Story ist, zeigt Telegram mir nicht. Mach ein Bildschirmfoto davon, oder speichere ihr Bild, und schick mir das.
refuse-paid-media = In etwas, das bezahlt werden muss, kann ich nicht hineinsehen. Schick mir das Foto selbst.
refuse-kind =
    { $kind ->
        [checklist] Das ist eine Checkliste.
        [contact] Das ist ein Kontakt.
        [venue] Das ist ein Ort auf der Karte.
        [location] Das ist ein Ort auf der Karte.
        [poll] Das ist eine Umfrage.
        [dice] Das ist ein Würfel.
        [game] Das ist ein Spiel.
        [invoice] Das ist eine Rechnung.
        [giveaway] Das ist ein Gewinnspiel.
        [giveaway-winners] Das ist ein Gewinnspiel.
        [rich-message] Das ist ein formatierter Artikel.
        [passport-data] Das sind Dokumente aus Telegram Passport.
       *[other] Diese Art von Nachricht kenne ich nicht.
    } Ich bearbeite nur Fotos: Schick mir eines, oder ein Bild als Datei.
leave-group = Ich bearbeite private Fotos und arbeite deshalb nur im privaten Chat. Ich verlasse diese Gruppe; schreib mir direkt.
status =
    { $mine ->
        [0] Von dir läuft kein Auftrag.
        [one] Ein Auftrag von dir läuft.
       *[other] { $mine } Aufträge von dir laufen.
    }
    Insgesamt: { $at_work } in Arbeit, { $waiting } warten.
cancelled =
    { $count ->
        [0] Es gibt nichts anzuhalten.
        [one] Ein Auftrag ist angehalten. Sein Foto ist aus dem Speicher fort.
       *[other] { $count } Aufträge sind angehalten. Ihre Fotos sind aus dem Speicher fort.
    }
language = Welche Sprache soll ich sprechen?
language-name = Deutsch
language-chosen = Ich spreche jetzt Deutsch.
command-start = was Darkroom ist
command-help = was ich kann
command-privacy = was behalten wird und was nicht
command-status = was gerade läuft
command-language = Sprache wählen
command-cancel = alle meine Aufträge anhalten

## Shop

credits =
    { $count ->
        [one] 1 Guthaben
       *[other] { $count } Guthaben
    }
costs =
    { $credits ->
        [one] Das kostet 1 Guthaben;
       *[other] Das kostet { $credits } Guthaben;
    } du hast { $balance }.
error-short =
    { $credits ->
        [one] Das kostet 1 Guthaben,
       *[other] Das kostet { $credits } Guthaben,
    } und du hast { $balance }.
pay-photo = Dieses Foto bezahlen
buy = Kaufen
buy-what =
    Mit Guthaben bezahlst du die Werkzeuge, an denen ein Preis steht; „Metadaten entfernen“ und „Größe & Format“ sind für immer frei. Guthaben verfällt nicht, und was misslingt oder angehalten wird, kostet nichts.

    Du hast { $balance }.
before-paying =
    Du bezahlst mit Telegram-Sternen, und das Guthaben ist sofort da. Telegram, nicht wir, behält die Zahlung und diesen Chat. Wer verkauft, und zu welchen Bedingungen: /terms

    Mit der Wahl eines Pakets verlangst du dein Guthaben sofort. Unverbraucht kannst du ein Paket 14 Tage lang mit /withdraw zurückgeben; was verbraucht ist, nicht.
before-paying-photo =
    „{ pay-photo }“ erledigt es jetzt für { $stars } Telegram-Sterne: Der Auftrag beginnt von selbst, sobald du bezahlt hast, und misslingt er, kommen die Sterne zurück. Telegram, nicht wir, behält die Zahlung und diesen Chat. Wer verkauft, und zu welchen Bedingungen: /terms

    Mit dieser Wahl verlangst du es sofort und weißt, dass mit dem Ergebnis dein Widerrufsrecht endet.
invoice-credits = Guthaben für die Werkzeuge von Darkroom, einzulösen, wann immer du willst. Es gehört dir sofort.
invoice-photo-title = { $tool }: ein Foto
invoice-photo = Der Auftrag für das Foto oben. Er beginnt von selbst, sobald du bezahlt hast; misslingt er, kommen die Sterne zurück.
checkout-unknown = Diese Rechnung ist nicht mehr bekannt. Nichts ist bezahlt; eine neue gibt es dort, wo du diese verlangt hast.
checkout-not-yours = Diese Rechnung wurde für jemand anderen ausgestellt. Nichts ist bezahlt; eine eigene bekommst du von mir: /start
checkout-banned = Die Betreiber haben die Arbeit für dich beendet, deshalb lässt sich das nicht kaufen. Nichts ist bezahlt.
checkout-expired = Diese Rechnung ist zu alt. Nichts ist bezahlt; eine neue gibt es dort, wo du diese verlangt hast.
checkout-paid-already = Diese Rechnung ist schon bezahlt. Nichts wird doppelt bezahlt; /orders zeigt, wie es steht.
checkout-repriced = Der Preis hat sich geändert, seit diese Rechnung ausgestellt wurde. Nichts ist bezahlt; eine neue hat den Preis von heute.
checkout-not-now = Gerade wartet zu viel, um das sofort zu tun. Nichts ist bezahlt; bitte versuch es in ein paar Minuten noch einmal.
checkout-under-way = Diese Rechnung wird gerade eben bezahlt. Nichts wird doppelt bezahlt; warte eine halbe Minute und sieh in /orders nach.
paid-credits =
    Danke: { $credits ->
        [one] 1 Guthaben gehört
       *[other] { $credits } Guthaben gehören
    } dir, du hast jetzt { $balance }. Bestellung { $order }, { $price }. Unverbraucht kannst du sie 14 Tage lang zurückgeben: /withdraw
refund-coming = Eine Erstattung ist auf dem Weg zu dir: { $price } (Bestellung { $order }).
refunded =
    Du hast { $price } zurück (Bestellung { $order }).{ $credits ->
        [0] {""}
        [one] {" "}Ihr Guthaben ist damit fort.
       *[other] {" "}Ihre { $credits } Guthaben sind damit fort.
    }
refunded-by-telegram =
    Telegram hat dir { $price } zurückgegeben (Bestellung { $order }).{ $credits ->
        [0] {""}
        [one] {" "}Ihr Guthaben ist damit fort.
       *[other] {" "}Ihre { $credits } Guthaben sind damit fort.
    }
paid-too-late = Bestellung { $order } wurde bezahlt, als die Rechnung abgelaufen und das Bild vergessen war, also bekommst du { $price } zurück.
stray-paid-twice = Das war schon bezahlt, also bekommst du { $price } zurück.
stray-no-order = Ich kann nicht finden, wofür diese Zahlung war, also bekommst du { $price } zurück.
balance =
    { $credits ->
        [one] Du hast { $credits } Guthaben.
       *[other] Du hast { $credits } Guthaben.
    }
orders = Deine Bestellungen:
orders-none = Du hast noch nichts gekauft. /buy zeigt, was es gibt.
orders-more = Stimmt etwas nicht? /paysupport
order-open = nicht bezahlt
order-invoiced = nicht bezahlt
order-expired = abgelaufen, nicht bezahlt
order-paid = bezahlt, wird gleich erledigt
order-delivering = bezahlt, in Arbeit
order-sent = bezahlt, im Labor
order-printed = gedruckt
order-posted = in der Post
order-delivered = geliefert
order-returned = ans Labor zurückgekommen
order-refunding = Erstattung unterwegs
order-refunded = erstattet
order-photo = { $tool }, ein Foto
order-unknown = Zahlung ohne Bestellung
paysupport = Um welche Bestellung geht es?
paysupport-none = Du hast noch nichts gekauft. Fehlt hier eine Zahlung von dir, sag es uns.
paysupport-other = Keine davon
what-is-wrong = Was stimmt nicht?
reason-not-wanted = Ich will es nicht: erstatten
reason-not-arrived = Es kam nie an: erstatten
reason-other = Etwas anderes
refund-receipt = Bestätigt am { $time }: Bestellung { $order } ist zurückgenommen, und { $price } auf dem Weg zu dir.
refund-not-plain = Das lässt sich nicht von selbst zurückgeben: Es wurde verbraucht, geliefert, dem Labor übergeben, erstattet oder ist älter als 14 Tage. Stimmt das nicht, sag es uns.
withdraw = Widerrufen
withdraw-which = Welchen Kauf widerrufst du? Unverbrauchtes Guthaben, Fotos, die nie ankamen, und Abzüge, die noch nicht beim Labor sind, lassen sich 14 Tage lang zurückgeben.
withdraw-none = Es gibt nichts zu widerrufen: keinen unverbrauchten Kauf der letzten 14 Tage. Stimmt etwas mit einer Bestellung nicht? /paysupport
withdraw-sure =
    Du widerrufst diesen Kauf:
    { $order }

    „Widerrufen“ bestätigt es: Was er gab, wird zurückgenommen, und das Geld kommt zu dir zurück.
terms-1 =
    Bedingungen, Fassung { $version }

    Verkäufer: { $name }
    Kontakt: { $contact }

    • Darkroom bearbeitet Fotos, die du in diesen Chat schickst. Guthaben bezahlt die Werkzeuge, an denen ein Preis steht; die Preise stehen in /buy und auf den Tasten.
    • Du bezahlst mit Telegram-Sternen, über Telegram. Es gilt der Preis der Rechnung; es gibt keine Abonnements und keine weiteren Kosten.
    • Was du kaufst, gehört dir sofort: Das verlangst du, wenn du es wählst. Unverbrauchtes Guthaben lässt sich 14 Tage lang zurückgeben (/withdraw). Für ein geliefertes Foto endet das Widerrufsrecht, da du es sofort verlangt hast.
    • Was misslingt oder angehalten wird, kostet nichts: Guthaben kommt von selbst zurück, und Sterne, die für ein Foto bezahlt wurden, auch.
    • Guthaben verfällt nicht und lässt sich weder weitergeben noch auszahlen.
    • Du schickst nur Fotos, die du schicken darfst. Darkroom erzeugt, entkleidet, vertauscht oder verschönert niemals Menschen.
    • Hilfe bei einer Zahlung: /paysupport. Der Support von Telegram kann bei Käufen von einem Bot nicht helfen.
    • Was von dir behalten wird: /privacy
terms-2 =
    Bedingungen, Fassung { $version }

    Verkäufer: { $name }
    Kontakt: { $contact }

    • Darkroom bearbeitet Fotos, die du in diesen Chat schickst. Guthaben bezahlt die Werkzeuge, an denen ein Preis steht; die Preise stehen in /buy und auf den Tasten.
    • Du bezahlst mit Telegram-Sternen, { $prints ->
        [no] {""}
       *[yes] Abzüge mit Karte,{" "}
    }über Telegram. Es gilt der Preis der Rechnung; es gibt keine Abonnements und keine weiteren Kosten.
    • Was du kaufst, gehört dir sofort: Das verlangst du, wenn du es wählst. Unverbrauchtes Guthaben lässt sich 14 Tage lang zurückgeben (/withdraw). Für ein geliefertes Foto endet das Widerrufsrecht, da du es sofort verlangt hast.
    • Was misslingt oder angehalten wird, kostet nichts: Guthaben kommt von selbst zurück, und Sterne, die für ein Foto bezahlt wurden, auch.{ $prints ->
        [no] {""}
       *[yes] {"\u000A"}• Abzüge werden von deinem Bild gemacht, nur für dich: Widerrufen kannst du, bis das Labor die Bestellung hat, danach nicht mehr. Was beschädigt, falsch oder gar nicht ankommt, wird neu gedruckt oder erstattet: /paysupport. Das Labor, das druckt und verschickt, erfährt Bild und Adresse, sonst niemand.
    }
    • Guthaben verfällt nicht und lässt sich weder weitergeben noch auszahlen.
    • Du schickst nur Fotos, die du schicken darfst. Darkroom erzeugt, entkleidet, vertauscht oder verschönert niemals Menschen.
    • Hilfe bei einer Zahlung: /paysupport. Der Support von Telegram kann bei Käufen von einem Bot nicht helfen.
    • Was von dir behalten wird: /privacy
seller-unnamed = wer @{ $bot } betreibt
seller-here = /paysupport, in diesem Chat
ask-for-help = Um Hilfe bitten
command-buy = Guthaben, und was es kostet
command-balance = wie viel Guthaben du hast
command-orders = was du gekauft hast
command-withdraw = einen Kauf zurückgeben
command-paysupport = Hilfe bei einer Zahlung
command-terms = die Bedingungen, und wer verkauft
operators-stray = Eine Zahlung über { $price } von Nutzer { $user } gehört zu keiner Bestellung, und in der letzten Stunde wurden mehr solche erstattet, als normal aussieht. Sie steht als Bestellung { $order }: /refund { $order } gibt sie zurück.
operators-unreadable-payment = Eine Zeile in Telegrams Liste der Zahlungen lässt sich nicht verbuchen: { $line }. Sie zählt nichts, und der Rest der Liste wird gelesen. Hat jemand damit bezahlt, such sie im Stars-Guthaben des Bots und kläre es von Hand mit der Person.
operators-refund-refused = Telegram weigert sich, Bestellung { $order } zu erstatten: { $why }. Es wird mit immer längeren Pausen wieder versucht.
operators-older-payments =
    { $count ->
        [one] Eine Zahlung in Telegrams Liste ist älter als diese Datenbank und gehört zu keiner ihrer Bestellungen. Sie blieb unangetastet.
       *[other] { $count } Zahlungen in Telegrams Liste sind älter als diese Datenbank und gehören zu keiner ihrer Bestellungen. Sie blieben unangetastet.
    }
operators-card-stray = Eine Kartenzahlung über { $price } vom { $at } gehört zu keiner Bestellung: { $charge } in Stripes Dashboard. Stammt sie nicht aus einem anderen Geschäft von dir, erstatte sie dort.
operators-card-strays = { $count } Kartenzahlungen seit dem letzten Blick gehören zu keiner Bestellung. Stripes Dashboard führt sie auf; stammen sie nicht aus einem anderen Geschäft von dir, erstatte sie dort.
operators-balance = Der Bot hat { $balance } Sterne, aber { $needed } könnten zurückverlangt werden. Fülle auf, oder zieh weniger ab.

## Abzüge per Post

tool-print = Abzüge
tool-print-look = Probe der Abzüge
album-prints = Willst du eines davon auf Papier, antworte darauf mit: Abzug
post-prints = Abzüge per Post
paper-glossy = glänzend
paper-matte = matt
prints =
    { $copies ->
        [one] 1 Abzug
       *[other] { $copies } Abzüge
    }, { $size } cm, { $paper }
prints-handling = Herstellen und Verpacken
prints-cut = Was dunkler ist, wird abgeschnitten: { $cut } % des Bildes.
prints-no-cut = So wird es gedruckt.
prints-whole = Das ganze Bild wird gedruckt, mit Weiß darum.
prints-coarse = Für diese Größe hat das Bild wenige Pixel ({ $dpi } je Zoll): Es wird weich aussehen.
prints-price =
    { $what }: { $price }, und der Versand: { $zones }. Anderswohin geht keine Post.

    Du bezahlst mit Karte, über Stripe. Telegrams Formular fragt nach Name und Adresse; wie sie hier ankommen, werden sie für das Labor allein versiegelt, und das Bild auch.

    Mit der Bestellung verlangst du Abzüge deines eigenen Bildes: Widerrufen kannst du, bis das Labor die Bestellung hat, danach nicht mehr. Wer verkauft, und zu welchen Bedingungen: /terms
prints-order = Bestellen · { $price } und Versand
prints-fewer = ➖ Weniger
prints-more = ➕ Mehr
prints-to-glossy = Auf glänzendem Papier
prints-to-matte = Auf mattem Papier
prints-to-whole = Das ganze Bild, mit Weiß darum
prints-to-fill = Papier füllen, Rest abschneiden
prints-move = Anders zuschneiden
checkout-no-sale = { prints-no-sale }
prints-only-a-look = Das ist nur ein Blick darauf und würde auch so gedruckt. Antworte auf die Datei darunter oder darüber, oder auf ein eigenes Foto.
prints-no-sale = Abzüge werden nicht mehr verkauft. Es ist nichts bezahlt.
prints-too-large = Diese Datei hat mehr als { $limit } MB, mehr, als ich für das Labor noch einmal holen kann. Mach sie mit „{ tool-resize }“ erst kleiner.
invoice-prints = Abzüge des Bildes oben, auf echtem Papier, per Post. Bild und Adresse sind versiegelt: Nur das Labor kann sie öffnen.
zone-home = Deutschland
zone-europe = Europa
zone-world = Übersee
zone-days = { $zone }, { $from } bis { $to } Tage
checkout-not-there = In dieses Land werden keine Abzüge verschickt. Es ist nichts bezahlt.
paid-prints = Danke: Bestellung { $order } ist bezahlt, { $price }. Das Bild wird fertig gemacht und für das Labor versiegelt; wie weit es ist, erfährst du hier.
prints-sent = Bestellung { $order } ist im Labor: Bild und Adresse sind versiegelt, und hier fort.
prints-printed = Bestellung { $order } ist gedruckt.
prints-posted = Bestellung { $order } ist in der Post. { $trail }
prints-delivered = Bestellung { $order } ist angekommen, sagt die Post. Stimmt etwas damit nicht? /paysupport
prints-returned = Bestellung { $order } kam ans Labor zurück: Sie ließ sich nicht zustellen. /paysupport bringt es in Ordnung.
prints-corrected =
    Eine Korrektur: Was ich dir zuletzt über Bestellung { $order } geschrieben habe, war ein Versehen des Labors. { $state ->
        [sent] Sie ist im Labor und noch nicht gedruckt.
        [printed] Sie ist gedruckt und noch nicht in der Post.
        [posted] Sie ist in der Post. { $trail }
        [delivered] Sie ist angekommen, sagt die Post.
       *[returned] Sie kam ans Labor zurück: Sie ließ sich nicht zustellen.
    }
prints-trail = Verfolgen: { $number } { $link }
error-no-address = Telegram hat mir keine Adresse gesagt, also lässt es sich nicht verschicken.
refunded-part = Du hast { $price } von Bestellung { $order } zurück, auf der Karte, mit der du bezahlt hast.
lab-order =
    Bestellung { $order }
    { $what }
    Nach: { $zone }
    Öffnen mit: python -m bot lab open DATEI
lab-again = Das kam vielleicht schon: bitte einmal drucken.
lab-reply = Antworte hier: „printed“; „posted DHL 00340…“; „delivered“; „returned“. „undo“ nimmt den neuesten Schritt zurück. Oder tippe.
lab-printed = Gedruckt
lab-posted = Verschickt, ohne Nummer
lab-delivered = Angekommen
lab-returned = Zurückgekommen
lab-noted = Bestellung { $order }: { $state }. Die Person erfährt es.
lab-undo = Zurücknehmen
lab-undone = Bestellung { $order } ist wieder { $state }. Die Person erfährt, dass es ein Versehen war.
lab-not-undone = Nichts wird zurückgenommen: Bestellung { $order } ist { $state }. Das geht nur mit ihrem neuesten Schritt, einmal, und nicht nach einer Erstattung.
lab-edited = Was hier zuerst stand, ist vermerkt, und eine Bearbeitung ändert es nicht: Bestellung { $order } ist { $state }. Um den neuesten Schritt zurückzunehmen, tippe darunter oder antworte mit: undo. Dann schreib es neu.
lab-not-now = Bestellung { $order } ist { $state }: Jetzt kann sie nicht { $wanted } werden.
lab-no-order = Es gibt keine Bestellung { $order } von Abzügen.
lab-how =
    Antworte auf die Nachricht einer Bestellung mit: printed; posted; posted [FIRMA] NUMMER; delivered; returned; undo. Oder: /ship BESTELLUNG [FIRMA] NUMMER

    Die Nummer so, wie die Firma sie druckt, in einer Zeile und ohne weitere Worte; zu einem Foto als dessen Beschriftung. Ohne Firma nur, wenn die Nummer selbst verrät, von wem sie ist. Firmen: { $carriers }. Bei jeder anderen Firma oder ohne Nummer: posted

    Ich habe nichts vermerkt.
lab-late = Bestellung { $order } ist seit { $since } { $state }. Wie weit ist sie?
lab-cancelled = Bestellung { $order } ist storniert: bitte nicht drucken oder verschicken.
operators-late = Bestellung { $order } von Abzügen ist seit { $since } { $state }, und das Labor hat nicht geantwortet.
operators-card-refused = Die Erstattung von Bestellung { $order } kam nicht auf der Karte an: { $why }. Erstatte sie in Stripes Dashboard: Das wird hier vermerkt. Was auf anderem Weg zurückgeht, nicht, und die Bestellung bleibt, wie sie ist.
operators-card-part = Das ist kein Teil von Bestellung { $order }, der erstattet werden könnte: Bezahlt wurden { $price }, davon ist { $returned } zurück oder auf dem Weg. Nur Kartenzahlungen haben Teile.
operators-fraud = Stripe warnt: Die Bank hält die Zahlung von Bestellung { $order } für Betrug. /refund { $order } erspart jetzt einen Streit und seine Gebühr.
operators-dispute-open =
    Streit um Bestellung { $order }: Die Bank verlangt { $price } ({ $why }). Antworte bei Stripe bis { $until }. Was da ist:
    Bezahlt { $paid }; sofort verlangt { $consented }, unter Fassung { $version } der Bedingungen; Stand: { $state }; erstattet: { $returned }
    Paket: { $trail }
operators-dispute-won = Der Streit um Bestellung { $order } ist gewonnen: { $price } bleiben ({ $why }). Stand: { $state }; bezahlt { $paid }; bis { $until }; erstattet: { $returned }; Bedingungen { $version }, { $consented }; Paket: { $trail }
operators-dispute-lost = Der Streit um Bestellung { $order } ist verloren: Die Bank hat { $price } genommen ({ $why }), und die Bestellung gilt als erstattet. Stand: { $state }; bezahlt { $paid }; bis { $until }; vorher erstattet: { $returned }; Bedingungen { $version }, { $consented }; Paket: { $trail }
mail-shipping = davon Versand
mail-back = Bisher erstattet
mail-trail = Paket
mail-sent-title = Deine Abzüge sind im Labor
mail-sent = Bild und Adresse sind für das Labor versiegelt, und bei uns fort.
mail-printed-title = Deine Abzüge sind gedruckt
mail-printed = Bald gehen sie in die Post.
mail-posted-title = Deine Abzüge sind in der Post
mail-posted = Das Labor hat sie aufgegeben.
mail-delivered-title = Deine Abzüge sind angekommen
mail-delivered = Das sagt die Post. Stimmt etwas damit nicht: /paysupport, im Chat mit dem Bot.
mail-corrected-title = Eine Korrektur zu deinen Abzügen
mail-corrected =
    Falls wir dir etwas anderes geschrieben haben, war das ein Versehen des Labors. { $state ->
        [sent] Deine Abzüge sind im Labor und noch nicht gedruckt.
        [printed] Deine Abzüge sind gedruckt und noch nicht in der Post.
        [posted] Deine Abzüge sind in der Post.
        [delivered] Deine Abzüge sind angekommen, sagt die Post.
        [returned] Deine Abzüge kamen ans Labor zurück: Sie ließen sich nicht zustellen.
       *[other] Deine Bestellung ist storniert, und dein Geld ist auf dem Weg zurück oder bei dir.
    }
mail-returned-title = Deine Abzüge kamen zurück
mail-returned = Sie ließen sich nicht zustellen und sind wieder im Labor. /paysupport, im Chat mit dem Bot, bringt es in Ordnung.
mail-refunded-part-title = Ein Teil deiner Zahlung ist erstattet
mail-refunded-part = Er ist auf der Karte, mit der du bezahlt hast; eine Bank kann einige Tage brauchen, bis sie es zeigt.
mail-consent-print = Am { $time } hast du Abzüge deines eigenen Bildes verlangt und bestätigt, dass du weißt: Sie werden nur für dich gemacht, also endet dein Widerrufsrecht, sobald das Labor die Bestellung hat.

## Support

command-support = an die Betreiber schreiben
support = Schreib an die Betreiber. Worum geht es?
support-open =
    { $count ->
        [one] Deine offene Anfrage: { $tickets }.
       *[other] Deine offenen Anfragen: { $tickets }.
    } Um eine fortzusetzen, antworte auf eine ihrer Nachrichten.
support-seller = Dieser Bot hat keinen Betreiber-Chat. Schreib an den Verkäufer: { $contact }
support-nobody = Dieser Bot hat keinen Betreiber-Chat, und sein Verkäufer hat keine Adresse genannt. /paysupport gibt Zahlungen zurück, /privacy sagt, was behalten wird, und /help, was ich kann.
subject-photo = Ein Foto
subject-payment = Eine Zahlung
subject-privacy = Datenschutz
subject-other = Etwas anderes
send = Abschicken
cancel = Abbrechen
work-on-it = Nein, bearbeite es
draft-photo = Schreib mir in einer Nachricht, was schiefging. Die Betreiber bekommen nie ein Foto aus den Werkzeugen. Müssen sie eines sehen, häng es hier an: Dann SEHEN sie es.
draft-payment = Schreib mir in einer Nachricht, was mit der Zahlung nicht stimmt. Die Betreiber bekommen nie ein Foto aus den Werkzeugen; eine Datei, die du hier anhängst, SEHEN sie.
draft-privacy = Schreib mir in einer Nachricht, was du wissen willst oder was mit deinen Daten geschehen soll. Die Betreiber bekommen nie ein Foto aus den Werkzeugen; eine Datei, die du hier anhängst, SEHEN sie.
draft-other = Schreib mir in einer Nachricht, worum es geht. Die Betreiber bekommen nie ein Foto aus den Werkzeugen; eine Datei, die du hier anhängst, SEHEN sie.
draft-ticket = Schreib mir in einer Nachricht, was mit Anfrage { $ticket } an die Betreiber geht. Eine Datei, die du hier anhängst, SEHEN sie.
draft-about-job = Sie erfahren von deinem Auftrag mit dem Werkzeug „{ $tool }“ am { $time }, und wie er endete. Nicht das Foto.
draft-about-order = Sie sehen dazu deine Bestellung { $order }.
draft-preview = Das bekommen die Betreiber, und noch ist es nicht abgeschickt. Du kannst noch etwas hinzufügen.
draft-warning =
    ⚠️ { $count ->
        [one] Die Betreiber SEHEN die Datei, die du angehängt hast.
       *[other] Die Betreiber SEHEN die { $count } Dateien, die du angehängt hast.
    }
draft-blank = In dieser Nachricht finde ich keine Worte. Schreib mir, worum es geht.
draft-full = Das ist schon viel: Mehr als { $most } Nachrichten gehen nicht auf einmal. Schick sie ab, und schreib dann weiter.
draft-cancelled = An die Betreiber wurde nichts geschickt.
draft-gone = Das wartet nicht mehr aufs Abschicken. /support fängt neu an.
draft-changed = Das hat sich inzwischen geändert. So sieht es jetzt aus.
ticket-not-passed-on = Das bekommen die Betreiber nicht: Zu Anfrage { $ticket } gehen nur Worte. Ein Foto oder eine Datei erreicht sie als Antwort auf eine Nachricht dieser Anfrage.
ticket-sent =
    Das ist Anfrage { $ticket }. Die Betreiber antworten hier.

    Bis sie geschlossen ist, geht an die Betreiber, was du hier schreibst; Fotos und Dateien nicht. Um eine hinzuzufügen, schick sie als Antwort auf eine Nachricht der Anfrage.
ticket-waits =
    Das ist Anfrage { $ticket }. Ich erreiche die Betreiber gerade nicht: Sie wartet hier und geht an sie, sobald ich kann. Sie antworten hier.

    Bis sie geschlossen ist, geht an die Betreiber, was du hier schreibst; Fotos und Dateien nicht. Um eine hinzuzufügen, schick sie als Antwort auf eine Nachricht der Anfrage.
ticket-open-again = Anfrage { $ticket } ist offen: Was du hier schreibst, geht an die Betreiber; Fotos und Dateien nicht.
ticket-closed = Anfrage { $ticket } ist geschlossen: Was du hier schreibst, geht nicht mehr an die Betreiber. Ist noch etwas, antworte auf eine ihrer Nachrichten.
ticket-file-gone = (eine Datei, die nicht mehr da ist)
ticket-file-refused = (eine Datei, die Telegram mich nicht weitergeben lässt; wer sie geschickt hat, weiß es)
ticket-file-not-copied = Telegram lässt mich diese Datei nicht weitergeben: Die Betreiber haben nur, was du dazu geschrieben hast. Quizfragen, bezahlte Medien und was vor dem Kopieren geschützt ist, kann ich nicht weitergeben. Schick es auf andere Weise, zum Beispiel als Bildschirmfoto.
granted =
    Die Betreiber haben dir { $credits ->
        [one] 1 Guthaben gegeben.
       *[other] { $credits } Guthaben gegeben.
    } Du hast jetzt { $balance }.
banned = Die Betreiber haben die Arbeit für dich beendet, deshalb kann ich das nicht tun. Käufe und Rechte bleiben: /orders /withdraw /paysupport /privacy
topic = #{ $ticket } · { $subject }
topic-closed = ✓ #{ $ticket } · { $subject }
card =
    Anfrage { $ticket } · { $subject }
    Sprache: { $language }
    <code>user { $user }</code>
card-order =
    Bestellung { $order }: { $what }, { $price }, { $state }
      eröffnet { $opened }, bezahlt { $paid }, beendet { $ended }
card-job = Der Bot bei der Arbeit: { $tool }, { $error }, { $time }
operators-edited-command = Eine Bearbeitung wird nicht als Befehl ausgeführt. Schreib ihn als neue Nachricht.
operators-edited-answer = Das hat die Person schon als Antwort gelesen, und dabei bleibt es. Schreib den Befehl, oder /note und deine Worte, als neue Nachricht.
operators-edit-of-command = Das war ein Befehl; ihn zu bearbeiten ändert nichts. Schreib, was du meinst, als neue Nachricht.
operators-command-close = diese Anfrage schließen
operators-command-reopen = sie wieder öffnen
operators-command-note = etwas notieren, das nur Betreiber sehen
operators-command-canned = Antworten, die du oft schreibst
operators-command-refund = das Geld einer Bestellung zurückgeben
operators-command-grant = jemandem Credits geben
operators-command-ban = jemandes Fotos, Käufe und Anfragen ablehnen
operators-command-unban = sie wieder zulassen
operators-command-ship = Abzüge als verschickt notieren, mit Sendungsnummer
operators-command-status = was läuft, und was dich braucht
operators-command-stats = wie viel genutzt wird, in Zahlen
operators-command-error = was über einen Fehlercode bekannt ist
operators-command-pause = eine Weile keine Fotos annehmen
operators-command-resume = nach einer Pause weitermachen
-commands =
    /note TEXT
    /close, /reopen
    /grant N Guthaben
    /refund BESTELLUNG, /refund BESTELLUNG 2.50
    /ship BESTELLUNG NUMMER
    /canned NAME: ein Text, den ihr behalten habt
    /ban, /unban
card-help =
    Was ihr hier schreibt, geht an die Person; Änderungen und Dateien auch. Nur für euch:
    { -commands }
card-help-plain =
    Antwortet auf diese Nachricht oder auf eine der Person darunter: Das geht an die Person; Änderungen und Dateien auch. Nur für euch, auch als Antwort:
    { -commands }
was-operator = Antwort: { $words }
was-note = Notiz: { $words }
operators-blocked = Die Person hat den Bot blockiert.
operators-unblocked = Die Person blockiert den Bot nicht mehr. Was wartete, ist unterwegs.
operators-not-delivered = Nicht zugestellt: Die Person hat den Bot blockiert. Es wartet, bis sie zurück ist.
operators-refused = Nicht zugestellt: Telegram nimmt diese Nachricht nicht ({ $why }). Schreib sie anders.
operators-not-passed-on = Diese Art von Nachricht kann ich nicht weitergeben, die Person hat sie also nicht bekommen. Schreib sie als Text, oder schick sie als Datei.
operators-file-not-copied = Die Person hat diese Datei nicht bekommen, nur, was ihr dazu geschrieben habt: Telegram lässt sie mich nicht kopieren. Quizfragen, bezahlte Medien und alles in einer Gruppe, die das Speichern von Inhalten einschränkt, kann ich nicht kopieren. Schickt sie auf andere Weise.
only-typed = Ich befolge nur, was du selbst schreibst, und das hier ist weitergeleitet oder kam über einen anderen Bot. Ich habe also nichts getan. Wenn du es willst, schreib es in einer eigenen Nachricht.
only-administrators = Hier geben mir nur Administratoren dieser Gruppe Befehle, deshalb habe ich nichts getan. Bitte einen von ihnen, oder lass dich zu einem machen.
only-as-yourself = Wer als Kanal schreibt, erkenne ich nicht, deshalb habe ich nichts getan. Schreib es noch einmal als du selbst: Wähl neben dem Eingabefeld deinen eigenen Namen.
group-refused = Fremde können dieser Gruppe beitreten, deshalb befolge ich hier niemanden. `python -m bot check` sagt, wie das behoben wird.
group-moved =
    Telegram hat aus dieser Gruppe eine Supergruppe mit einer anderen Nummer gemacht. Ich bin mitgekommen. Trag in .env ein, damit es so bleibt:
    { $settings }
group-public = Diese Gruppe hat einen öffentlichen Namen, also können Fremde beitreten und mitlesen. Ich bringe nichts hierher und befolge hier niemanden, bis sie privat ist.{ group-tickets } { group-again }
group-linked = Diese Gruppe ist mit einem Kanal verknüpft, also können Fremde hier schreiben. Ich bringe nichts hierher und befolge hier niemanden, bis die Verknüpfung weg ist.{ group-tickets } { group-again }
group-nearby = Diese Gruppe hat einen Standort, also können Fremde in der Nähe beitreten. Ich bringe nichts hierher und befolge hier niemanden, bis der Standort weg ist.{ group-tickets } { group-again }
group-tickets =
    { $tickets ->
        [0] {""}
        [one] {" "}Eine Anfrage wartet darauf.
       *[other] {" "}{ $tickets } Anfragen warten darauf.
    }
group-again = Ich sehe jede Stunde nach, und sobald jemand von der Verwaltung hier etwas schreibt.
group-no-topics = Diese Gruppe hat keine Themen, deshalb kommen Anfragen als einfache Nachrichten: Antwortet darauf, und die Person bekommt es. Damit jede ihr Thema hat, schaltet in den Einstellungen der Gruppe Themen ein.
group-no-right = Ich darf in dieser Gruppe keine Themen verwalten, deshalb kommen Anfragen als einfache Nachrichten: Antwortet darauf, und die Person bekommt es. Damit jede ihr Thema hat, macht mich zum Administrator mit diesem Recht.
group-away = Ich bin nicht in dem Chat von { $setting }: Nehmt mich wieder auf, oder berichtigt die Nummer in .env. Was dorthin gehört, wartet.
group-well = Mit dieser Gruppe ist wieder alles in Ordnung. Was gewartet hat, ist unterwegs.
operators-in-topic = Das geht nur im Thema einer Anfrage.
operators-closed = Geschlossen. Die Person erfährt es.
operators-closed-already = Sie ist schon geschlossen.
operators-topic-closed = Damit ist das Thema geschlossen, aber nicht die Anfrage: Die Person schreibt weiter, und es kommt hier an. /close schließt die Anfrage und sagt es der Person.
operators-opened = Wieder offen. Die Person erfährt es.
operators-open-already = Sie ist offen.
operators-how-note = So: /note TEXT
operators-how-grant = So: /grant N im Thema einer Anfrage, oder /grant NUTZER N; N liegt zwischen 1 und { $most }.
operators-how-ban = So: /ban oder /unban im Thema einer Anfrage, oder mit einer Nummer dahinter: /ban NUTZER
operators-how-refund = So: /refund BESTELLUNG; einen Teil dessen, was mit Karte bezahlt wurde: /refund BESTELLUNG 2.50
operators-nobody = Niemand, der diesem Bot je schrieb, hat diese Nummer.
operators-granted = Gegeben: { $credits } an Nutzer { $user }, der jetzt { $balance } hat.
operators-banned = Nutzer { $user } ist gesperrt. Aufträge sind angehalten; Käufe und Rechte bleiben.
operators-done-by = Getan von { $name }.
operators-done-anonymously = Getan von einem anonymen Administrator.
operators-banned-already = Nutzer { $user } ist schon gesperrt.
operators-unbanned = Nutzer { $user } ist nicht mehr gesperrt.
operators-not-banned = Nutzer { $user } ist nicht gesperrt.
operators-no-order = Eine Bestellung { $order } gibt es nicht.
operators-other-order = Bestellung { $order } ist nicht von der Person dieser Anfrage. Außerhalb der Themen von Anfragen nimmt /refund jede Bestellung.
operators-not-refundable = Bestellung { $order } ist { $state }: Da ist nichts zu erstatten.
operators-refund = Erstatten
operators-refund-spent = Von Bestellung { $order } ist etwas verbraucht. Sind { $price } erstattet, beträgt der Stand { $balance }. Sicher?
operators-refund-delivered = Das Foto von Bestellung { $order } wurde geliefert. { $price } trotzdem erstatten?
operators-refund-print = Bestellung { $order } ist { $state }. { $price } trotzdem erstatten? Das Labor erfährt, dass es anhalten soll, falls es sie noch nicht verschickt hat.
operators-refunded = Bestellung { $order }: Das Geld geht zurück, die Person erfährt es.
operators-refunded-already = Bestellung { $order } ist schon erstattet, oder wird es gerade.

## E-mail

command-email = wohin deine Belege gehen
email-off = Dieser Bot verschickt keine E-Mails. Deine Belege sind in diesem Chat: /orders
email-ask = Wohin sollen deine Belege gehen? Schreib mir deine E-Mail-Adresse.
email-why = Warum: Was du kaufst, zurückgibst und zusagst, wird schriftlich bestätigt und bleibt dir, wenn dieser Chat fort ist. Wofür: Bestätigungen deiner Zahlungen und Erstattungen, und Antworten der Betreiber, wenn du Kopien willst oder mich blockiert hast. Nie Werbung, nie ein Foto.
email-until-removed = Wie lange: bis du sie mit /email entfernst.
email-until-unused =
    { $days ->
        [one] Wie lange: bis du sie mit /email entfernst, oder einen Tag nach der letzten Nutzung.
       *[other] Wie lange: bis du sie mit /email entfernst, oder { $days } Tage nach der letzten Nutzung.
    }
email-without = Ohne E-Mail
email-again = Neuen Code schicken
email-change = Adresse ändern
email-remove = Adresse entfernen
email-want-copies = Auch Kopien der Antworten
email-stop-copies = Keine Kopien der Antworten
email-yes = Ja, auch per E-Mail
email-no = Nein, nur hier
email-unlike = Das sieht nicht wie eine E-Mail-Adresse aus. Schreib mir eine wie anna@example.org, und sonst nichts.
email-code-sent = Ich schicke sechs Ziffern an { $address }. Schreib sie hierher; sie gelten { $minutes } Minuten.
email-code-unlike = Ich warte auf die sechs Ziffern aus meiner E-Mail. Schreib mir nur diese, oder eine andere Adresse.
email-code-wrong =
    { $left ->
        [one] Das sind nicht die Ziffern. Du hast noch einen Versuch.
       *[other] Das sind nicht die Ziffern. Du hast noch { $left } Versuche.
    }
email-code-spent = Das sind nicht die Ziffern, und es war zu oft. Ich kann dir einen neuen Code schicken.
email-code-expired = Dieser Code gilt nicht mehr, oder ist noch nicht verschickt. Ich kann dir einen neuen schicken.
email-code-too-many = Das sind genug Codes für heute: Bis morgen gehen keine mehr an dich oder an diese Adresse.
email-code-waits = Der Mailserver nimmt den Code gerade nicht an. Ich versuche es { $minutes } Minuten lang weiter; aufhalten muss dich das nicht.
email-code-given-up = Der Code ließ sich nicht verschicken: { $minutes } Minuten lang nahm ihn kein Mailserver an. /email versucht es neu.
email-refused-code = Der Mailserver weist { $address } ab: Ein solches Postfach gibt es nicht. Ist sie richtig geschrieben? Schreib mir die Adresse noch einmal.
email-refused = Der Mailserver weist { $address } endgültig ab, deshalb schicke ich dorthin nichts mehr. Deine Belege sind in diesem Chat: /orders. /email ändert die Adresse.
email-given-up = Eine E-Mail an dich ließ sich drei Tage lang nicht verschicken, deshalb habe ich aufgegeben. Was sie sagt, steht auch in diesem Chat; deine Bestellungen: /orders
email-known = Diese Adresse ist schon bestätigt.
email-confirmed = Bestätigt: Deine Belege gehen von jetzt an dorthin. /email ändert oder entfernt sie.
email-declined = Gut, ohne E-Mail. /email, wenn du es anders willst.
email-cancelled = Abgebrochen: Es hat sich nichts geändert.
email-removed = Die Adresse ist fort, und mit ihr jede E-Mail, die noch an sie gehen sollte. Deine Belege sind in diesem Chat: /orders
email-is = Deine Belege gehen an { $address }.
email-fails = Ihr Mailserver weist sie endgültig ab, deshalb geht dorthin nichts. Ändere sie, oder entferne sie.
email-ask-copies = Soll eine Kopie jeder Antwort per E-Mail kommen?
email-copies-on = Antworten der Betreiber kommen auch per E-Mail.
email-copies-off = Antworten der Betreiber kommen nur per E-Mail, wenn du mich blockiert hast.

## Was E-Mails sagen

mail-subject = { $title } · { $order }
mail-order = Bestellung
mail-what = Was
mail-price = Preis
stars =
    { $count ->
        [one] 1 Telegram-Stern
       *[other] { $count } Telegram-Sterne
    }
price = { $amount }
mail-sold-by = Verkäufer
mail-paid-at = Bezahlt
mail-withdrawn-at = Widerrufen
mail-refunded-at = Erstattet
mail-paid-title = Zahlung bestätigt
mail-paid = Deine Zahlung ist angekommen, über Telegram. Der Preis ist endgültig; es kommt nichts hinzu.
mail-consent-credits = Am { $time } hast du verlangt, dein Guthaben sofort zu bekommen. Unverbraucht kannst du es bis 14 Tage nach der Zahlung zurückgeben: /withdraw im Chat mit dem Bot. Was verbraucht ist, nicht.
mail-consent-photo = Am { $time } hast du verlangt, dass dieses Foto sofort bearbeitet wird, und bestätigt, dass du weißt: Mit dem Ergebnis endet dein Widerrufsrecht. Bis es geliefert ist, nimmt /withdraw im Chat mit dem Bot den Kauf zurück.
mail-withdrawn-title = Widerruf bestätigt
mail-withdrawn = Du hast diesen Kauf widerrufen. Was er gab, ist zurückgenommen, und dein Geld ist auf dem Weg zu dir; eine weitere E-Mail sagt, wann es da ist.
mail-refunded-title = Erstattung bestätigt
mail-refunded = Dein Geld ist wieder bei dir: Sterne in Telegram, und was du mit Karte bezahlt hast, auf der Karte, wo eine Bank einige Tage brauchen kann, bis sie es zeigt.
mail-code-subject = Dein Code für Darkroom
mail-code-title = Dein Code
mail-code = Schreib diese sechs Ziffern in den Chat mit dem Bot. Sie gelten { $minutes } Minuten.
mail-code-not-you = Warst du das nicht? Dann hat sich jemand bei seiner Adresse vertippt. Du musst nichts tun: Ohne diese Ziffern kommt hier nichts an, höchstens noch ein paar solcher Codes.
mail-answer-title = Antwort auf deine Anfrage { $ticket }
mail-answer-file = Zu dieser Antwort gehört eine Datei. Sie ist nur im Chat mit dem Bot.
mail-answer-why = Diese Antwort kommt per E-Mail, weil du Kopien wolltest oder den Bot blockiert hast. Antworten kannst du im Chat mit dem Bot: Antworten auf diese E-Mail liest niemand.
mail-seller = Verkäufer: { $name }. Kontakt: { $contact }
mail-seller-unnamed = wer diesen Bot betreibt
mail-seller-here = /paysupport, im Chat mit dem Bot
operators-mail = Der Mailserver nimmt von uns keine E-Mails an ({ $why }). Sie warten bis zu drei Tage; `python -m bot check` sagt mehr.
operators-by-mail = Hier nicht zugestellt: Die Person hat den Bot blockiert. Es geht per E-Mail, und wartet hier, bis sie zurück ist.
operators-canned = Vorbereitete Antworten: { $names }
operators-how-canned = /canned NAME im Thema einer Anfrage schickt sie, anderswo zeigt es sie; /canned NAME TEXT behält sie, /canned NAME - entfernt sie. NAME.de bekommen Leute, die Deutsch lesen.
operators-canned-kept = Behalten als { $name }.
operators-canned-gone = { $name } ist entfernt.
operators-canned-none = Eine vorbereitete Antwort { $name } gibt es nicht.

## Rights

command-mydata = alles, was über dich da ist, als Datei
command-forget = all das löschen lassen
kept-table = Jede Spalte einzeln
kept-caption = Alles, was die Datenbank enthalten kann: warum, wie lange, und wer es sieht. Aus dem Programm selbst gemacht und darum englisch; öffne es in einem Browser.
kept-title = Was Darkroom behält
kept-intro = Jede Spalte der Datenbank, auf Englisch, wie sie im Programm steht. „Kept“ heißt: solange es den Dienst gibt. /forget beendet alles, was dich betrifft, bis auf Erstattungen der letzten 14 Tage und ein verschlüsseltes Kennzeichen. Wo niemand genannt ist, sieht es niemand; wer den Rechner betreibt und den Schlüssel hat, könnte es. Wo eine Einstellung es sagt, gehen geschlossene Tickets und unbenutzte E-Mail-Adressen früher: /privacy nennt die Tage. Fotos stehen in keiner Spalte.
kept-column = Spalte
kept-why = Warum
kept-how-long = Wie lange
kept-seen-by = Wer sieht es
kept-nobody = niemand
kept-version = Fassung { $version } des Versprechens
consent-withdraw = Zustimmung widerrufen
consent-sure = Dann nehme ich kein Foto von dir, bis du wieder zustimmst, und laufende Aufträge werden angehalten; was bezahlt und nicht geliefert ist, kommt zu dir zurück, außer Abzügen, die das Labor hat: Sie werden verschickt. Dein Guthaben, /orders, /withdraw und /support bleiben.
consent-withdrawn = Deine Zustimmung ist widerrufen: Ich nehme kein Foto, bis du wieder zustimmst. Schick eines, und ich frage. /forget löscht, was über dich da ist.
consent-stays = Deine Zustimmung bleibt, wie sie ist.
error-no-consent = Du hast nicht oder nicht mehr zugestimmt, dass ich deine Fotos bearbeite, deshalb tue ich es nicht.
mydata = Alles, was in diesem Augenblick über dich da ist. In der Datei steht jede Zeile davon, so wie sie ist.
mydata-agreed = • Du hast Fassung { $version } des Versprechens zugestimmt, am { $time }
mydata-not-agreed = • Du hast nicht zugestimmt, dass ich deine Fotos bearbeite
mydata-language = • Sprache: { $language }
mydata-address = • E-Mail-Adresse: { $address }
mydata-address-asked = • E-Mail-Adresse, noch nicht bestätigt: { $address }
mydata-mails = • E-Mails, die noch zu verschicken sind: { $mails }
mydata-credits = • Guthaben: { $credits }
mydata-orders = • Bezahlte Bestellungen: { $paid }; unbezahlte: { $unpaid }
mydata-shipments = • Bestellungen von Abzügen, deren Weg bekannt ist: { $shipments }
mydata-tickets = • Tickets: { $tickets }; Nachrichten darin: { $messages }, in einem Entwurf: { $drafts }
mydata-chat = • Nummern von Nachrichten in diesem Chat: { $messages }
mydata-photos = • Wo Fotos in diesem Chat sind: { $photos }, für Alben und Hintergründe
mydata-job = • Dein letzter Auftrag: { $job }, am { $time }; im Arbeitsspeicher, eine Stunde lang
mydata-running = • Laufende Aufträge: { $jobs }
mydata-updates = • Nachrichten und Klicks, die noch nicht erledigt sind: { $updates }. Dieses /mydata ist eine davon; sie wird mit der Antwort geleert
mydata-banned = • Die Betreiber haben dich gesperrt
mydata-mark = • Du wurdest schon einmal vergessen: Davon gibt es ein verschlüsseltes Kennzeichen
mydata-end = Fotos und Ergebnisse sind nicht dabei, denn es werden keine behalten. Was in diesem Chat steht, ist bei Telegram: Du siehst es hier, und ich kann es nicht noch einmal lesen.
forget =
    „{ forget-me }“ löscht, was über dich da ist: deine Zustimmung, deine Sprache, deine E-Mail-Adresse, die Nummern der Nachrichten in diesem Chat, und:

    { $credits ->
        [0] • kein Guthaben, denn du hast keines
        [one] • 1 Credit Guthaben: Er ist verloren
       *[other] • { $credits } Credits Guthaben: Sie sind verloren
    }
    { $orders ->
        [0] • nichts, was bezahlt und nicht geliefert ist
        [one] • eine bezahlte Bestellung, die nicht begonnen oder nicht geliefert ist: Sie wird angehalten, und das Geld kommt zurück
       *[other] • { $orders } bezahlte Bestellungen, die nicht begonnen oder nicht geliefert sind: Sie werden angehalten, und das Geld kommt zurück
    }
    { $tickets ->
        [0] • keine Tickets, denn du hast keine
        [one] • ein Ticket mit allen Worten, auch im Chat der Betreiber
       *[other] • { $tickets } Tickets mit allen Worten, auch im Chat der Betreiber
    }

    Was bleibt, als Kennzeichen, das nur ich dir zuordnen kann: dass du das Guthaben für Neue hattest, und eine Sperre, wenn es eine gibt. Und was du in den letzten 14 Tagen bezahlt hast, mit deiner Telegram-Nummer, bis sie um sind: So lange geht /withdraw noch. Danach gehören Zahlungen niemandem mehr.
forget-prints =
    { $prints ->
        [one] Eine Bestellung von Abzügen ist beim Labor oder in der Post. Sie kommt trotzdem an, aber du hörst nichts mehr von ihr, und niemand kann hier für dich nachsehen.
       *[other] { $prints } Bestellungen von Abzügen sind beim Labor oder in der Post. Sie kommen trotzdem an, aber du hörst nichts mehr von ihnen, und niemand kann hier für dich nachsehen.
    }
forget-me = Vergiss mich
forget-sure = Sicher? Das lässt sich nicht rückgängig machen. Telegram behält diesen Chat, bis er hier gelöscht wird: Die letzten 48 Stunden davon kann ich jetzt löschen, später nicht, denn dann kenne ich seine Nachrichten nicht mehr.
forget-and-wipe = Chat leeren und mich vergessen
forget-and-keep = Mich vergessen, den Chat lassen
forget-not = Es wurde nichts gelöscht.
forgotten = Du bist vergessen. Was in diesem Chat steht, behält nur noch Telegram: „Verlauf leeren“ im Menü des Chats löscht es. Schreibst du wieder, fangen wir neu an.
forgotten-wiped = Du bist vergessen, und die letzten 48 Stunden dieses Chats sind gelöscht, soweit Telegram einen Bot lässt. „Verlauf leeren“ im Menü des Chats löscht den Rest. Schreibst du wieder, fangen wir neu an.
operators-delete-messages = Die Person von Anfrage { $ticket } wollte vergessen werden, oder ihre Zeit ist um, und sie hatte kein Thema, das ich löschen könnte. Bitte löscht von Hand, was hier davon ist: Ihre Karte beginnt mit der Nummer der Anfrage.
operators-delete-topic = Die Person des Themas „{ $topic }“ wollte vergessen werden, oder seine Zeit ist um, und Telegram lässt es mich nicht löschen. Bitte löscht es von Hand.
operators-order-of-nobody = Wessen Bestellung { $order } war, ist vergessen, und sie ist älter als 14 Tage: Telegram braucht die Nummer der Person, um Sterne zurückzugeben.

## Progress and results

stage-waiting = In der Warteschlange, Platz { $place } …
stage-waiting-moments = In der Warteschlange, Platz { $place }, ein paar Sekunden …
stage-waiting-seconds = In der Warteschlange, Platz { $place }, etwa { $seconds } Sekunden …
stage-waiting-minutes =
    In der Warteschlange, Platz { $place }, etwa { $minutes ->
        [one] eine Minute …
       *[other] { $minutes } Minuten …
    }
stage-photo = Foto { $photo } von { $photos }.
stage-fetching = Ich hole dein Foto in den Speicher …
stage-reading = Im Dunkeln: lesen …
stage-working = Im Dunkeln: bearbeiten …
stage-saving = Im Dunkeln: speichern …
stage-sending = Ich schicke es zurück …
done-clean = Metadaten entfernt.
done-resize = { $format }, { $width } × { $height } Pixel, { $kilobytes } KB.
done-enhance = Licht und Farbe verbessert.
done-cutout = Freigestellt: { $format }, { $width } × { $height } Pixel, { $kilobytes } KB.
preview-cutout = Ein schneller Blick; das Bild selbst folgt als Datei. Fehlt etwas, oder ist etwas zu viel? Tippe auf „{ mend }“, dann auf die Felder: ➕ für Fehlendes, ➖ für zu viel. Noch einmal kostet nichts.
preview-enhance = Vorher und nachher. Das Foto selbst folgt als Datei.
held = { $seconds } s im Speicher gehalten, fort.
report-place = Ort: { $latitude }, { $longitude }

## Use: its limits, its pauses, and what went wrong

error-code = Wenn du deswegen an /support schreibst, hilft dieser Code: { $code }
error-busy-minute = Mehr als { $limit } Fotos in der Minute nehme ich von einer Person nicht an. In { $seconds } Sekunden geht es weiter: Tippe dann noch einmal.
error-busy-day =
    Du hattest heute { $limit } Fotos umsonst, mehr gibt es für eine Person am Tag nicht. { $hours ->
        [one] Innerhalb einer Stunde
       *[other] In etwa { $hours } Stunden
    } geht es mit den freien Werkzeugen weiter; die für Guthaben gehen auch jetzt.
flood = Du schickst schneller, als ich antworten kann; das Letzte habe ich deshalb ausgelassen. Warte einen Augenblick und schick dann noch einmal, was keine Antwort bekam.
stage-paused =
    Eine Pause zur Wartung. Dein Foto wartet: Ich komme von selbst darauf zurück. { $why }
status-paused =
    Eine Pause zur Wartung: Was du verlangst, wartet, und verkauft wird solange nichts. { $why }
status-limits =
    Du darfst { $at_once } Aufträge zugleich haben, { $minute } Fotos in der Minute (noch { $minute_left }) und { $day } am Tag mit den freien Werkzeugen (noch { $day_left }).
checkout-paused = Eine Pause zur Wartung: Gerade wird nichts verkauft. Nichts ist bezahlt; bitte versuche es später noch einmal.
operators-paused =
    Pause: Kein Auftrag beginnt, und nichts wird verkauft. Was kommt, wartet; Erstattungen und Support gehen weiter. /resume beendet sie. { $at_work ->
        [0] Niemand ist in Arbeit.
        [one] Ein Auftrag geht noch zu Ende.
       *[other] { $at_work } Aufträge gehen noch zu Ende.
    }
operators-pause-long = Das ist zu lang: Was Leute über eine Pause lesen, darf { $most } Zeichen haben.
operators-resumed =
    Es geht weiter. { $waiting ->
        [0] Nichts hat gewartet.
        [one] Ein Auftrag hat gewartet.
       *[other] { $waiting } Aufträge haben gewartet.
    }
operators-no-pause = Es gibt keine Pause. Es warten: { $waiting }.
operators-new-error = Eine neue Art von Fehler, { $code }: { $kind } in { $place }, Werkzeug { $tool }. Das wird einmal gesagt; /error { $code } sagt, wie oft er vorkommt.
operators-how-error = So: /error CODE, mit den acht Buchstaben, die der Person gesagt wurden.
operators-no-error = Es gibt keinen Fehler { $code }, oder er kam seit 90 Tagen nicht vor.
operators-error =
    { $kind } in { $place }
    Werkzeug: { $tool }
    { $count ->
        [one] Einmal,
       *[other] { $count } Mal,
    } zuerst { $first }, zuletzt { $last }
service-paused = PAUSE. Leute lesen: { $why }
service-work = Aufträge: { $at_work } in Arbeit, { $waiting } warten
service-lane-light = Leichte Spur: { $taken } von { $seats } Plätzen belegt, { $waiting } warten
service-lane-heavy = Schwere Spur: { $taken } von { $seats } Plätzen belegt, { $waiting } warten
service-memory = Speicher für Aufträge: { $used } von { $budget } MB belegt
service-disk = Platte: { $free } von { $of } GB frei; die Datenbank hat { $database } MB
service-runs = Aufgaben des Zeitplans, und wann sie zuletzt liefen:
service-run = • { $job }: { $time }, { $outcome }
service-run-failed = • { $job }: { $time }, { $outcome }; zuletzt gelungen { $done }
service-no-runs = Noch lief keine Aufgabe des Zeitplans.
service-no-errors = Keine Fehler am letzten Tag.
service-group =
    { $setting }: { $trouble ->
        [away] ICH BIN NICHT IN DIESEM CHAT
        [public] die Gruppe hat einen öffentlichen Namen und wird nicht benutzt
        [linked] die Gruppe ist mit einem Kanal verknüpft und wird nicht benutzt
        [nearby] die Gruppe hat einen Standort und wird nicht benutzt
        [no-topics] die Gruppe hat keine Themen
       *[no-right] ich darf in der Gruppe keine Themen verwalten
    }
service-moved =
    Die Gruppe hat jetzt eine andere Nummer. Tragt in .env ein:
    { $settings }
service-tickets =
    { $count ->
        [0] Keine Anfrage wartet darauf, hierher oder zu ihrer Person zu kommen.
        [one] Eine Anfrage wartet darauf, hierher oder zu ihrer Person zu kommen.
       *[other] { $count } Anfragen warten darauf, hierher oder zu ihren Personen zu kommen.
    }
service-errors = Fehler des letzten Tages, /error CODE sagt mehr:
service-error = { $code } · { $kind } in { $place } · { $count }×
service-more-errors = … und { $count } weitere Arten
operators-how-stats = So: /stats, oder /stats TAGE, mit 1 bis { $most } Tagen.
stats-nothing = noch nichts
stats-none = niemand
stats-photos = Fotos
stats-done = { $count } fertig
stats-failed = { $count } misslungen
stats-waited = Warteten über 10 Sekunden
stats-jobs =
    { $count ->
        [one] 1 Auftrag
       *[other] { $count } Aufträge
    }
stats-sales = Verkauft, ohne Erstattetes
stats-stars = { $count } Sterne
stats-answers = Minuten bis zur ersten Antwort
stats-tickets =
    { $count ->
        [one] 1 Anfrage
       *[other] { $count } Anfragen
    }
stats-good = Gut genannt, nach Werkzeug und Version
stats-good-of = { $good } von { $total }
stats-caption =
    { $days ->
        [one] Heute:
       *[other] Die letzten { $days } Tage:
    } { $done } Fotos fertig, { $failed } misslungen; { $waited } Aufträge warteten länger als 10 Sekunden, { $refused } hat eine Grenze abgewiesen.
    { $sales } Verkäufe, { $refunds } Erstattungen: { $stars } Sterne, { $money } mit Karte.
stats-caption-answer = Mittlere Zeit bis zur ersten Antwort: { $minutes } Minuten.

## Was den Bot am Dienst hindert
mail-operators-subject = Darkroom braucht Sie
trouble-telegram-silent = Telegram antwortet seit mehr als einer Minute nicht, also wird niemand bedient. Sehen Sie nach dem Netz dieses Rechners und nach BOT_API_URL. Alles läuft von selbst weiter, sobald Telegram antwortet.
trouble-telegram-token = Telegram lehnt den Token des Bots ab (401), also wird niemand bedient. Holen Sie den Token bei @BotFather, tragen Sie ihn in BOT_TOKEN ein und starten Sie den Bot neu.
trouble-telegram-conflict = Ein anderes Programm holt die Updates dieses Bots ab (409), also wird hier niemand bedient. Beenden Sie es, oder widerrufen Sie den Token bei @BotFather und geben Sie den neuen nur diesem Bot.
trouble-telegram-unreached = Telegram kommt nicht zu WEBHOOK_URL durch, also wird niemand bedient. Sehen Sie nach Proxy und Zertifikat vor WEBHOOK_LISTEN.
trouble-database = Die Datenbank nimmt nichts an ({ $why }). Auf ihrer Platte sind { $free } MB frei. Updates warten bis zu einen Tag bei Telegram; sie kommen, sobald die Datenbank wieder schreiben kann.
trouble-jail = Die Sandbox startet nicht ({ $why }), also kann kein Foto bearbeitet werden. Das Log sagt, warum; `python -m bot check` sieht nach.
trouble-disk = Auf der Platte der Datenbank sind nur noch { $free } MB frei. Schaffen Sie dort Platz, bevor sie nichts mehr annimmt.
trouble-over =
    { $part ->
        [telegram] Telegram ist wieder erreichbar
        [database] Die Datenbank kann wieder schreiben
        [jail] Die Sandbox läuft wieder
       *[disk] Auf der Platte ist wieder Platz
    }. Die Störung dauerte { $minutes } min.
service-troubles = NICHT BEREIT, es fehlt: { $parts }
clock-jumped =
    { $way ->
        [back] Die Uhr dieses Rechners ist um { $minutes } min zurückgesprungen
       *[forward] Die Uhr dieses Rechners ist um { $minutes } min vorgesprungen
    }. Was fällig war, geschieht nach der neuen Zeit. Geht sie jetzt falsch, stellen Sie sie: Was eine Frist hat, verschwindet sonst zu früh oder zu spät.
