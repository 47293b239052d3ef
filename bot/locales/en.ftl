### Every word a person reads, in English. One section per conversation; keys are the same in every language.

## Tools

tool-clean = Remove metadata
tool-resize = Resize & convert
tool-enhance = Enhance
preset-longest = { NUMBER($pixels, useGrouping: 0) } px
preset-half = Half the size
preset-e-mail = For e-mail
preset-under = Under { $size }
preset-format = { $format }
preset-low = Low
preset-medium = Medium
preset-high = High

## Errors

error-not-a-photo = This file is not a picture that I can open. I take JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC and AVIF.
error-too-many-bytes = This photo is larger than { $detail } MB, the most that I can take. Send it as a photo instead of a file, or make it smaller first.
error-too-many-pixels = This photo has { $detail } megapixels, more than I can take. Make it smaller first.
error-broken = This photo is damaged: it ends too early, or its data makes no sense. Try to send it again, or another copy of it.
error-too-complex = This file is built in a way that would take unreasonably long to open. Save it anew in a photo program and send that.
error-too-much-metadata = This file holds more metadata than picture. Save it anew in a photo program and send that.
error-too-small-a-target = It cannot be made that small and still be a picture. Choose a larger size.
error-result-too-many-pixels = The result would have { $detail } megapixels or a side too long for its format. Choose a smaller size.
error-result-too-large = The result would have { $detail } MB, and Telegram takes no more than 50 from a bot. Choose a smaller size or another format.
error-out-of-memory = This photo needs more memory than one job may have. Nothing is lost: make it smaller, or try another tool.
error-took-too-long = This took longer than one job may take, so I stopped it. Your photo is gone from memory. Try a smaller one.
error-crashed = The job failed, and your photo is gone from memory. That is our fault: please try again, or try another tool.
error-stopped = Stopped. Your photo is gone from memory. Shall I do something else with it?
error-busy-you = You have { $limit } jobs waiting already. When one is done, tap again.
error-busy-all = Very many photos are waiting right now. Please tap again in a few minutes.
error-out-suffix = The result is a { $format }; give it that suffix, or one of .jpg, .png, .webp, .avif.
error-no-such-tool = There is no tool “{ $tool }”. The tools are: { $tools }.
error-setting-shape = “{ $setting }” is not a setting: write it as key=value.
error-not-delivered = I could not fetch the photo or send the result: something between Telegram and me went wrong. Nothing of it is kept here. Please tap again.
error-unexpected = Something went wrong on our side. It is noted, without any content. Please try again.
error-no-such-setting = This tool has no setting called “{ $setting }”.
error-setting-range = “{ $setting }” has to be a whole number from { NUMBER($low, useGrouping: 0) } to { NUMBER($high, useGrouping: 0) }.
error-setting-choice = “{ $setting }” has to be one of: { $choices }.
error-settings-conflict = “{ $first }” and “{ $second }” both say the size. Choose one of them.
error-setting-too-many-pixels = A result may have { $limit } megapixels at most. Choose a smaller width or height.

## What clean reports

report-camera = Camera: { $value }
report-lens = Lens: { $value }
report-serial = The serial number of the camera or lens
report-taken = Taken: { $value }
report-changed = Last changed: { $value }
report-author = Author: { $value }
report-copyright = Copyright: { $value }
report-description = Description: { $value }
report-comment = Comment: { $value }
report-software = Edited with: { $value }
report-edits = A history of { $value } editing steps
report-faces = Marked faces: { $value }
report-altitude = Altitude: { $value } m
report-city = Place: { $value }
report-thumbnail = A thumbnail inside ({ $value } bytes)
report-extra-pictures = Further pictures inside: { $value }
report-maker-note = The maker's own notes ({ $value } bytes)
report-exif = EXIF, the data of the camera ({ $value } bytes)
report-xmp = XMP, the data of photo programs ({ $value } bytes)
report-iptc = IPTC, the data of news desks ({ $value } bytes)
report-c2pa = Content Credentials (C2PA): a signed record of where the picture came from
report-trailing = Data hidden after the end of the picture ({ $value } bytes)
report-removed-bytes = Removed: { $value } bytes
report-rewritten = Decoded and written anew as { $value }, since this format cannot be cleaned in place
report-first-only = Only the first page or frame was kept
report-nothing = There was no metadata in it

## What resize and enhance report

report-quality = Quality { $value } of 100: the best that fits
report-colours = Reduced to { $value } colours, so that it fits
report-shrunk = Made smaller, to { $value } pixels, since it would not have fitted well otherwise
report-enlarged = Enlarged: it has more pixels now, but no more detail
report-not-enlarged = It was smaller than that already, so its size stayed
report-flattened = This format has no transparency: what was transparent is white now
report-cast = A colour cast of { $value } % was taken out
report-lighter = { $value } % lighter
report-darker = { $value } % darker

## Playground

## Conversations

promise =
    Darkroom works on photos that people would not upload to a website.

    • Your photo is developed in memory, in a locked process that ends with the job. Nobody sees it, no disk ever holds it.
    • Only what is needed is kept: that you agreed, your language, and counts without names. /privacy says it all.
    • Telegram itself keeps what is in this chat until you delete it. "Wipe this chat" helps with that.

    Do you agree that Darkroom works on the photos you send here?
agree = I agree
agreed-photo = Thank you.
agreed = Thank you. Send me a photo whenever you like; send it as a file to keep its full quality.
start-again = Good to see you. Send me a photo: as a file for full quality, or just as a photo.
help =
    Send me a photo and choose a tool:

    • Remove metadata: place, time, camera, names; the picture itself stays as it is, to the pixel.
    • Resize & convert: longest side, percent, exact pixels, or under a number of KB; JPEG, PNG, WebP, AVIF.
    • Enhance: light and colour.

    You can also reply to a photo with a size: 1200, 50%, 800x600, 300 KB or webp.

    /status what is going on
    /cancel stop all my jobs
    /language choose the language
    /privacy what is kept, and what is not
privacy =
    What happens to your photos: they are fetched into memory, opened in a locked process without files or network, sent back to you, and are gone when that process ends. No person and no disk ever gets them.

    What is kept:
    • that you agreed, to which version and when, the language you chose, and that I told you once how to send files: until you block me
    • each message you send, encrypted, until it is answered: so that a crash loses nothing; then it is blanked, and only its number stays, for two days
    • the numbers of the messages in this chat, for 48 hours: so that "Wipe this chat" can delete them
    • how often each tool was used in a day: without names, for good

    What Telegram keeps: everything in this chat, photos and results too, until you delete it. "Wipe this chat" under a result deletes what a bot may delete: the last 48 hours.

    This is version { $version } of the promise.
menu = What shall I do with this photo?
hint-compressed = Telegram made this photo smaller before I got it. To keep the full quality, send it as a file next time: attach it with "File" instead of "Photo".
choose-resize = Which size or format? You can also reply to your photo with a size of your own: 1200, 50%, 800x600, 300 KB.
choose-enhance = How strong?
back = Back
stop = Stop
stopping = Stopping …
nothing-to-stop = There is nothing to stop any more.
already-working = I am working on it.
another-tool = Another tool
another-setting = Another setting
wipe = Wipe this chat
wiped =
    { $count ->
        [one] Wiped: one message is deleted.
       *[other] Wiped: { $count } messages are deleted.
    }
wiped-not =
    { $count ->
        [0] Anything older than 48 hours
        [one] One message could not be deleted. It, and anything older than 48 hours,
       *[other] { $count } messages could not be deleted. They, and anything older than 48 hours,
    } only you can delete: open the chat's menu and choose "Clear history".
photo-gone = The photo of this menu is gone. Send it again, and I start over.
tap-not-yours = This button is not yours to press.
tap-too-old = This button is from an older version. Send the photo again.
send-a-photo = Send me a photo, or a picture as a file, and I show you what I can do. /help says more.
say-size = I did not understand that. Reply to the photo with a size like 1200, 50%, 800x600 or 300 KB, or with jpeg, png, webp or avif.
unknown-command = I do not know this command. /help shows what I can do.
refuse-document = This file does not look like a picture. I take JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC and AVIF.
refuse-video = I work on photos only. To use a picture from a video, take a screenshot and send that.
refuse-animation = This is a video to Telegram. Send a GIF as a file with "Send without compression", and I can take it.
refuse-video-note = I work on photos only. To use a picture from a video, take a screenshot and send that.
refuse-voice = I cannot listen. Send me a photo, and I show you what I can do.
refuse-audio = I cannot listen. Send me a photo, and I show you what I can do.
refuse-sticker = This is a sticker already. Send me a photo, and I show you what I can do.
leave-group = I work on private photos, so I only work in a private chat. I am leaving this group; write to me directly.
status =
    { $mine ->
        [0] You have no job running.
        [one] One job of yours is running.
       *[other] { $mine } jobs of yours are running.
    }
    In all: { $at_work } at work, { $waiting } waiting.
cancelled =
    { $count ->
        [0] There is nothing to stop.
        [one] Stopped one job. Its photo is gone from memory.
       *[other] Stopped { $count } jobs. Their photos are gone from memory.
    }
language = Which language shall I speak?
language-name = English
language-chosen = I speak English now.
command-start = what Darkroom is
command-help = what I can do
command-privacy = what is kept, and what is not
command-status = what is going on
command-language = choose the language
command-cancel = stop all my jobs

## Progress and results

stage-waiting = In the queue, place { $place } …
stage-fetching = Fetching your photo into memory …
stage-reading = In the dark: reading …
stage-working = In the dark: working …
stage-saving = In the dark: saving …
stage-sending = Sending it back …
done-clean = Metadata removed.
done-resize = { $format }, { $width } × { $height } pixels, { $kilobytes } KB.
done-enhance = Light and colour enhanced.
held = Held { $seconds } s in memory, gone.
report-place = Place: { $latitude }, { $longitude } { $link }
