### Every word a person reads, in German. One section per conversation; keys are the same in every language.

## Tools

tool-clean = Metadaten entfernen
tool-resize = Größe & Format
tool-enhance = Verbessern
preset-longest = { NUMBER($pixels, useGrouping: 0) } px
preset-half = Halbe Größe
preset-e-mail = Für E-Mail
preset-under = Unter { $size }
preset-format = { $format }
preset-low = Schwach
preset-medium = Mittel
preset-high = Stark

## Errors

error-not-a-photo = Diese Datei ist kein Bild, das ich öffnen kann. Ich nehme JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC und AVIF.
error-too-many-bytes = Dieses Foto ist größer als { $detail } MB, und mehr kann ich nicht nehmen. Schick es als Foto statt als Datei, oder verkleinere es vorher.
error-too-many-pixels = Dieses Foto hat { $detail } Megapixel, mehr als ich nehmen kann. Verkleinere es vorher.
error-broken = Dieses Foto ist beschädigt: Es endet zu früh, oder seine Daten ergeben keinen Sinn. Schick es noch einmal, oder eine andere Kopie.
error-too-complex = Diese Datei ist so gebaut, dass das Öffnen unvernünftig lange dauern würde. Speichere sie in einem Fotoprogramm neu und schick sie dann.
error-too-much-metadata = Diese Datei enthält mehr Metadaten als Bild. Speichere sie in einem Fotoprogramm neu und schick sie dann.
error-too-small-a-target = So klein geht es nicht, wenn es ein Bild bleiben soll. Wähle eine größere Vorgabe.
error-result-too-many-pixels = Das Ergebnis hätte { $detail } Megapixel oder eine Seite, die für sein Format zu lang ist. Wähle eine kleinere Größe.
error-result-too-large = Das Ergebnis hätte { $detail } MB, und Telegram nimmt von einem Bot höchstens 50. Wähle eine kleinere Größe oder ein anderes Format.
error-out-of-memory = Dieses Foto braucht mehr Speicher, als ein Auftrag haben darf. Nichts ist verloren: Verkleinere es, oder versuche ein anderes Werkzeug.
error-took-too-long = Das dauerte länger, als ein Auftrag dauern darf, also habe ich es angehalten. Dein Foto ist aus dem Speicher fort. Versuche ein kleineres.
error-crashed = Der Auftrag ist gescheitert, und dein Foto ist aus dem Speicher fort. Das liegt an uns: Bitte versuche es noch einmal, oder ein anderes Werkzeug.
error-stopped = Angehalten. Dein Foto ist aus dem Speicher fort. Soll ich etwas anderes damit tun?
error-busy-you = Bei dir warten schon { $limit } Aufträge. Wenn einer fertig ist, tippe noch einmal.
error-busy-all = Gerade warten sehr viele Fotos. Bitte tippe in ein paar Minuten noch einmal.
error-out-suffix = Das Ergebnis ist ein { $format }; gib ihm diese Endung, oder eine von .jpg, .png, .webp, .avif.
error-no-such-tool = Es gibt kein Werkzeug „{ $tool }“. Die Werkzeuge sind: { $tools }.
error-setting-shape = „{ $setting }“ ist keine Einstellung: schreibe sie als schlüssel=wert.
error-not-delivered = Ich konnte das Foto nicht holen oder das Ergebnis nicht senden: zwischen Telegram und mir ging etwas schief. Hier ist nichts davon geblieben. Bitte tippe noch einmal.
error-unexpected = Bei uns ist etwas schiefgegangen. Es ist vermerkt, ohne jeden Inhalt. Bitte versuche es noch einmal.
error-no-such-setting = Dieses Werkzeug hat keine Einstellung namens „{ $setting }“.
error-setting-range = „{ $setting }“ muss eine ganze Zahl von { NUMBER($low, useGrouping: 0) } bis { NUMBER($high, useGrouping: 0) } sein.
error-setting-choice = „{ $setting }“ muss eins hiervon sein: { $choices }.
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
report-first-only = Nur die erste Seite oder das erste Bild wurde behalten
report-nothing = Es waren keine Metadaten darin

## What resize and enhance report

report-quality = Qualität { $value } von 100: die beste, die passt
report-colours = Auf { $value } Farben verringert, damit es passt
report-shrunk = Auf { $value } Pixel verkleinert, weil es sonst nicht gut gepasst hätte
report-enlarged = Vergrößert: Es hat jetzt mehr Pixel, aber nicht mehr Einzelheiten
report-not-enlarged = Es war schon kleiner, also blieb die Größe
report-flattened = Dieses Format kennt keine Transparenz: Was durchsichtig war, ist jetzt weiß
report-cast = Ein Farbstich von { $value } % wurde entfernt
report-lighter = { $value } % heller
report-darker = { $value } % dunkler

## Playground

## Conversations

promise =
    Darkroom bearbeitet Fotos, die man auf keine Website laden würde.

    • Dein Foto wird im Arbeitsspeicher entwickelt, in einem verriegelten Prozess, der mit dem Auftrag endet. Niemand sieht es, keine Festplatte hält es je fest.
    • Behalten wird nur das Nötige: dass du zugestimmt hast, deine Sprache, und Zahlen ohne Namen. Alles Weitere steht unter /privacy.
    • Telegram selbst behält, was in diesem Chat steht, bis du es löschst. „Chat leeren“ hilft dabei.

    Bist du einverstanden, dass Darkroom die Fotos bearbeitet, die du hierher schickst?
agree = Einverstanden
agreed-photo = Danke.
agreed = Danke. Schick mir jederzeit ein Foto; als Datei gesendet behält es seine volle Qualität.
start-again = Schön, dass du da bist. Schick mir ein Foto: als Datei in voller Qualität, oder einfach als Foto.
help =
    Schick mir ein Foto und wähle ein Werkzeug:

    • Metadaten entfernen: Ort, Zeit, Kamera, Namen; das Bild selbst bleibt bis aufs Pixel gleich.
    • Größe & Format: längste Seite, Prozent, genaue Pixel oder unter einer Zahl von KB; JPEG, PNG, WebP, AVIF.
    • Verbessern: Licht und Farbe.

    Du kannst auf ein Foto auch mit einer Größe antworten: 1200, 50%, 800x600, 300 KB oder webp.

    /status was gerade läuft
    /cancel alle meine Aufträge anhalten
    /language Sprache wählen
    /privacy was behalten wird und was nicht
privacy =
    Was mit deinen Fotos geschieht: Sie werden in den Arbeitsspeicher geholt, in einem verriegelten Prozess ohne Dateien und Netz geöffnet, an dich zurückgeschickt und sind fort, sobald der Prozess endet. Kein Mensch und keine Festplatte bekommt sie je.

    Was behalten wird:
    • dass du zugestimmt hast, welcher Fassung und wann, die Sprache, die du gewählt hast, und dass ich dir einmal sagte, wie man Dateien schickt: bis du mich blockierst
    • jede Nachricht von dir, verschlüsselt, bis sie beantwortet ist: damit ein Absturz nichts verliert; danach wird sie geleert, und nur ihre Nummer bleibt zwei Tage lang
    • die Nummern der Nachrichten in diesem Chat, 48 Stunden lang: damit „Chat leeren“ sie löschen kann
    • wie oft jedes Werkzeug am Tag benutzt wurde: ohne Namen, auf Dauer

    Was Telegram behält: alles in diesem Chat, auch Fotos und Ergebnisse, bis du es löschst. „Chat leeren“ unter einem Ergebnis löscht, was ein Bot löschen darf: die letzten 48 Stunden.

    Dies ist Fassung { $version } des Versprechens.
menu = Was soll ich mit diesem Foto tun?
hint-compressed = Telegram hat dieses Foto verkleinert, bevor ich es bekam. Für volle Qualität schick es nächstes Mal als Datei: mit „Datei“ statt „Foto“ anhängen.
choose-resize = Welche Größe oder welches Format? Du kannst auf dein Foto auch mit einer eigenen Größe antworten: 1200, 50%, 800x600, 300 KB.
choose-enhance = Wie stark?
back = Zurück
stop = Anhalten
stopping = Ich halte an …
nothing-to-stop = Hier gibt es nichts mehr anzuhalten.
already-working = Ich bin dabei.
another-tool = Anderes Werkzeug
another-setting = Andere Einstellung
wipe = Chat leeren
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
tap-not-yours = Diese Taste gehört dir nicht.
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

## Progress and results

stage-waiting = In der Warteschlange, Platz { $place } …
stage-fetching = Ich hole dein Foto in den Speicher …
stage-reading = Im Dunkeln: lesen …
stage-working = Im Dunkeln: bearbeiten …
stage-saving = Im Dunkeln: speichern …
stage-sending = Ich schicke es zurück …
done-clean = Metadaten entfernt.
done-resize = { $format }, { $width } × { $height } Pixel, { $kilobytes } KB.
done-enhance = Licht und Farbe verbessert.
held = { $seconds } s im Speicher gehalten, fort.
report-place = Ort: { $latitude }, { $longitude } { $link }
