### Every word a person reads, in English. One section per conversation; keys are the same in every language.

## Tools

tool-clean = Remove metadata
tool-resize = Resize & convert
tool-enhance = Enhance
tool-cutout = Cut out
preset-longest = { NUMBER($pixels, useGrouping: 0) } px
preset-half = Half the size
preset-e-mail = For e-mail
preset-under = Under { $size }
preset-format = { $format }
preset-low = Low
preset-medium = Medium
preset-high = High
preset-transparent = Transparent
preset-white = White
preset-blur = Blurred
preset-colour = { $colour }
preset-other-colour = Another colour …
preset-other-photo = Another photo …

## Errors

error-not-a-photo = This file is not a picture that I can open. I take JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC and AVIF.
error-too-many-bytes = This file is larger than { $detail } MB, the most that I can take. Send it as a photo instead of a file, or make it smaller first.
error-too-many-pixels = This photo has { $detail } megapixels, more than I can take. Make it smaller first.
error-broken = This photo is damaged: it ends too early, or its data makes no sense. Try to send it again, or another copy of it.
error-too-complex = This file is built in a way that would take unreasonably long to open. Save it anew in a photo program and send that.
error-too-much-metadata = This file holds more metadata than picture. Save it anew in a photo program and send that.
error-too-small-a-target = It cannot be made that small and still be a picture. Choose a larger size.
error-result-too-many-pixels = The result would have { $detail } megapixels, more than I can make. Choose a smaller size.
error-side-too-long = One side of the result would be longer than { $detail } pixels, the most that its format can hold. Choose a smaller size or another format.
error-unsupported = This kind of file is not supported. Save it as JPEG or PNG and send that.
error-no-subject = I cannot find anything in this photo that stands out from its background.
error-no-second-photo = The photo for the background is missing. Choose "{ preset-other-photo }", then send it.
error-too-small-to-print = This photo is too small for this paper: it has { $detail } pixels an inch there, and would be nothing but blur. Choose a larger photo.
error-result-too-large = The result would have { $detail } MB, and Telegram takes no more than 50 from a bot. Choose a smaller size or another format.
error-out-of-memory = This photo needs more memory than one job may have. Nothing is lost: make it smaller, or try another tool.
error-took-too-long = This took longer than one job may take, so I stopped it. Your photo is gone from memory. Try a smaller one.
error-module-missing = { error-crashed }
error-codec-missing = { error-crashed }
error-crashed = The job failed, and your photo is gone from memory. That is our fault: please try again, or try another tool.
error-stopped = Stopped. Your photo is gone from memory. Shall I do something else with it?
error-busy-you = You have { $limit } jobs waiting already. When one is done, tap again.
error-busy-all = Very many photos are waiting right now. Please tap again in a few minutes.
error-busy-tickets = You have { $limit } open requests already. Write on in one of them, by a reply to a message of it; the operators see everything.
error-busy-words = That is more than the operators can read within an hour. Please go on a little later; nothing that you have sent is lost.
error-busy-orders = Too many orders wait to be paid at this moment. Pay one of your invoices above, or try again in an hour.
error-out-suffix = The result is a { $format }; give it that suffix, or one of .jpg, .png, .webp, .avif.
error-no-such-tool = There is no tool “{ $tool }”. The tools are: { $tools }.
error-setting-shape = “{ $setting }” is not a setting: write it as key=value.
error-not-delivered = I could not fetch the photo or send the result: something between Telegram and me went wrong. Nothing of it is kept here. Please tap again.
error-unexpected = Something went wrong on our side. It is noted, without any content. Please try again.
error-no-such-setting = This tool has no setting called “{ $setting }”.
error-setting-range = “{ $setting }” has to be a whole number from { NUMBER($low, useGrouping: 0) } to { NUMBER($high, useGrouping: 0) }.
error-setting-choice = “{ $setting }” has to be one of: { $choices }.
error-setting-missing = “{ $setting }” has to be set.
error-setting-key = “{ $setting }” is not a key that age can seal for.
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
report-from-hdr = It was HDR; its brightness was adapted to ordinary screens
report-first-only = Only the first page or frame was kept
report-as-webp = As WebP, since a PNG of it would be larger than Telegram takes from a bot
report-nothing = There was no metadata in it

## What resize and enhance report

report-quality = Quality { $value } of 100: the best that fits
report-untouched = It fitted already: only its metadata was taken out
report-no-larger = Quality { $value } of 100, so that it is no larger than the file you sent
report-larger = Larger than the file you sent: any smaller, it would look worse
report-larger-than-heic = Larger than the file you sent: JPEG needs more room than HEIC for the same quality
report-colours = Reduced to { $value } colours, so that it fits
report-shrunk = Made smaller, to { $value } pixels, since it would not have fitted well otherwise
report-enlarged = Enlarged: it has more pixels now, but no more detail
report-not-enlarged = It was smaller than that already, so its size stayed
report-flattened = This format has no transparency: what was transparent is white now
report-cast = A colour cast of { $value } % was taken out
report-lighter = { $value } % lighter
report-darker = { $value } % darker
report-calmed = Noise was smoothed

## Playground

## Conversations

promise =
    Darkroom works on photos that people would not upload to a website.

    • Your photo is developed in memory, in a locked process that ends with the job. Nobody sees it, no disk ever holds it.
    • Only what is needed is kept: that you agreed, what you bought, what you asked us. /privacy says it all.
    • Telegram itself keeps what is in this chat until you delete it. "Wipe this chat" helps with that.

    Do you agree that Darkroom works on the photos you send here?
agree = I agree
agreed-photo = Thank you.
agreed = Thank you. Send me a photo whenever you like; send it as a file to keep its full quality.
start-again = Good to see you. Send me a photo: as a file for full quality, or just as a photo.
help =
    Send me a photo and choose a tool:

    • Remove metadata: place, time, camera, names; the picture itself stays as it is, to the pixel.
    • Resize & convert: longest side, percent, width × height, or under a number of KB or MB; JPEG, PNG, WebP, AVIF.
    • Enhance: light, colour, noise.
    • Cut out: the subject on nothing, white, a colour, a blur or another photo.{ $prints ->
        [no] {""}
       *[yes] {"\u000A"}• "{ post-prints }" under a result: on paper, by post.
    }

    You can also reply to a photo with a size: 1200, 50%, 800x600, 300 KB or webp.

    /buy credits, and what they cost; /balance how many you have
    /orders what you bought; /paysupport help with a payment; /withdraw give it back; /email where receipts go
    /support write to the operators
    /status what is going on
    /cancel stop all my jobs
    /language choose the language
    /privacy what is kept, and what is not; /mydata all that is held on you; /forget have it erased
privacy =
    What happens to your photos: they are fetched into memory, opened in a locked process without files or network, sent back to you, and gone when that process ends. No person and no disk ever gets them.{ $prints ->
        [no] {""}
       *[yes] {" "}Only what you order on paper is seen: by the lab that prints it.
    }

    What is kept, in an encrypted database:
    • your consent and your language: until you block me
    • what you send: until it is handled; its number two days
    • which messages are in this chat, for "Wipe this chat": 48 hours
    • where the photos of an album are in it, or one that waits for its background: an hour at most
    • what you bought, and your credits, with your Telegram number, so that refunds reach you: until /forget; what is not paid 7 days, where a paid photo is until it is delivered
    • your e-mail address, if you gave one: until /email removes it{ $maildays ->
        [0] {""}
       *[other] , or { $maildays } days after the last mail
    }; not confirmed, 24 hours. Only the mail server sees it
    • how your last job ended: an hour, in memory alone; the operators see it if you write to them about a photo
    • what you write to /support, and the answers: { $ticketdays ->
        [0] until /forget
       *[other] until { $ticketdays } days after the ticket is closed
    }. Operators see that, with your Telegram number, and what you attach there; never a photo from the tools{ $prints ->
        [no] {""}
       *[yes] {"\u000A"}• for prints by post, name and address: sealed as they come in, so that the lab alone can read them, until it has them; the e-mail address of the payment: until three days after they arrived; the parcel's number: half a year. What you type for the payment goes through Telegram, the card's number to Stripe
    }
    • that you are banned, should the operators do that: until they lift it; which operator banned, refunded or granted: a year
    • how many photos you sent within a minute, and today: in memory alone
    • counts of use per day, without names{ $analytics ->
        [no] {""}
       *[yes] ; Google Analytics gets these counts, too
    }

    /mydata shows all that is held on you. /forget erases it, but for what you paid in the last 14 days and a mark that only I can match to you. A backup that operators made keeps what was there until it is deleted.

    What Telegram keeps: everything in this chat, photos and results too, until you delete it. "Wipe this chat" deletes what a bot may: the last 48 hours.

    Version { $version }. Should it change, I ask again before the next photo.
menu = What shall I do with this photo?
album-menu = Album of { $photos } photos. What shall I do with them?
album-others = I work on the photos of this album only. What else is in it, videos or files above { $limit } MB, I leave alone.
album-no-photos = I work on photos only, and there is none in this album that I can take. Send photos, each of at most { $limit } MB.
album-too-old = I remember which photos belong to an album for one hour only, and that is over. Send the album again, or go on with this one photo:
album-done =
    { $done ->
       *[other] { $done } of { $photos } photos are done.
        [one] One of { $photos } photos is done.
    }
album-failed = Photo { $photo }: { $why }
hint-compressed = Telegram made this photo smaller before I got it. To keep the full quality, send it as a file next time: attach it with "File" instead of "Photo".
choose-resize = Which size or format? You can also reply to your photo with a size of your own: 1200, 50%, 800x600, 300 KB.
choose-enhance = How strong?
choose-cutout = What shall be behind it? You can also reply to your photo with a colour of your own: #ffcc00, light blue.
wish-colour = Write me the colour: #ffcc00, or its English name, like light blue. I wait for it for a quarter of an hour.
wish-photo = Send me the photo that shall be behind it. I wait for it for a quarter of an hour.
wish-no-colour = I do not know this colour. Write it as #ffcc00, or by its English name, like light blue.
mend = Not quite right?
mend-go = Do it again
back = Back
stop = Stop
stopping = Stopping …
nothing-to-stop = There is nothing to stop any more.
already-working = I am working on it.
job-done = This is done.
goes-on-elsewhere = This goes on in another message.
another-tool = Another tool
another-setting = Another setting
crop-to = Crop to { NUMBER($width, useGrouping: 0) } × { NUMBER($height, useGrouping: 0) }
wipe = Wipe this chat
rate-good = 👍 Good
rate-not-good = 👎 Not good
rated = Thank you: counted, without your name.
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
photo-replaced = You have edited this photo since, and only the one that was cut out can be done again. Choose "{ tool-cutout }" for the new one.
tap-not-yours = This button is not yours to press.
not-checked = Telegram does not tell me whether you are a member here, so I did nothing. Please try again in a minute. If that does not help, make me an administrator of this group.
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
refuse-live-photo = This live photo came without its still picture. Send it as an ordinary photo, or as a file.
refuse-story = Telegram does not show me what is in a story. Take a screenshot of it, or save its picture, and send me that.
refuse-paid-media = I cannot look into what has to be paid for. Send me the photo itself.
refuse-kind =
    { $kind ->
        [checklist] This is a checklist.
        [contact] This is a contact.
        [venue] This is a place on the map.
        [location] This is a place on the map.
        [poll] This is a poll.
        [dice] These are dice.
        [game] This is a game.
        [invoice] This is an invoice.
        [giveaway] This is a giveaway.
        [giveaway-winners] This is a giveaway.
        [rich-message] This is a formatted article.
        [passport-data] These are documents from Telegram Passport.
       *[other] I do not know this kind of message.
    } I work on photos only: send me one, or a picture as a file.
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

## Shop

credits =
    { $count ->
        [one] 1 credit
       *[other] { $count } credits
    }
costs =
    { $credits ->
        [one] This costs 1 credit;
       *[other] This costs { $credits } credits;
    } you have { $balance }.
error-short =
    { $credits ->
        [one] This costs 1 credit,
       *[other] This costs { $credits } credits,
    } and you have { $balance }.
pay-photo = Pay for this photo
buy = Buy
buy-what =
    Credits pay for the tools that show a price; "Remove metadata" and "Resize & convert" are free for ever. Credits do not expire, and a job that fails or is stopped costs nothing.

    You have { $balance }.
before-paying =
    You pay with Telegram Stars, and the credits are here at once. Telegram, not we, keeps the payment and this chat. Who sells, and on which terms: /terms

    By choosing a pack you ask for your credits at once. Unspent, you can give a pack back within 14 days with /withdraw; what you have spent, you cannot.
before-paying-photo =
    "{ pay-photo }" does it now for { $stars } Telegram Stars: the job starts by itself when you have paid, and if it fails, the Stars come back. Telegram, not we, keeps the payment and this chat. Who sells, and on which terms: /terms

    By choosing it you ask for it at once, and know that with the result your right to withdraw ends.
invoice-credits = Credits for the tools of Darkroom, to be used whenever you like. They are yours at once.
invoice-photo-title = { $tool }: one photo
invoice-photo = The job on the photo above. It starts by itself when you have paid; if it fails, the Stars come back.
checkout-unknown = This invoice is not known any more. Nothing is paid; ask for a new one where you asked for this one.
checkout-not-yours = This invoice was made for somebody else. Nothing is paid; I make you one of your own: /start
checkout-banned = The operators have ended the work for you, so this cannot be bought. Nothing is paid.
checkout-expired = This invoice is too old. Nothing is paid; ask for a new one where you asked for this one.
checkout-paid-already = This invoice is paid already. Nothing is paid twice; /orders shows how it stands.
checkout-repriced = The price has changed since this invoice was made. Nothing is paid; a new one has today's price.
checkout-not-now = Right now too much is waiting to do this at once. Nothing is paid; please try again in a few minutes.
checkout-under-way = This invoice is being paid this very moment. Nothing is paid twice; wait half a minute and look into /orders.
paid-credits =
    Thank you: { $credits ->
        [one] 1 credit is
       *[other] { $credits } credits are
    } yours, you have { $balance } now. Order { $order }, { $price }. Unspent, you can give it back within 14 days: /withdraw
refund-coming = A refund of { $price } is on its way to you (order { $order }).
refunded =
    You have { $price } back (order { $order }).{ $credits ->
        [0] {""}
        [one] {" "}Its credit is gone with that.
       *[other] {" "}Its { $credits } credits are gone with that.
    }
refunded-by-telegram =
    Telegram has given you { $price } back (order { $order }).{ $credits ->
        [0] {""}
        [one] {" "}Its credit is gone with that.
       *[other] {" "}Its { $credits } credits are gone with that.
    }
paid-too-late = Order { $order } was paid when its invoice had ended and its picture was forgotten, so you get { $price } back.
stray-paid-twice = This was paid already, so you get { $price } back.
stray-no-order = I cannot find what this payment was for, so you get { $price } back.
balance =
    { $credits ->
        [one] You have { $credits } credit.
       *[other] You have { $credits } credits.
    }
orders = Your orders:
orders-none = You have not bought anything yet. /buy shows what there is.
orders-more = Something wrong with one? /paysupport
order-open = not paid
order-invoiced = not paid
order-expired = expired, not paid
order-paid = paid, about to be done
order-delivering = paid, being done
order-sent = paid, at the lab
order-printed = printed
order-posted = posted
order-delivered = delivered
order-returned = came back to the lab
order-refunding = refund under way
order-refunded = refunded
order-photo = { $tool }, one photo
order-unknown = payment without an order
paysupport = Which order is it about?
paysupport-none = You have not bought anything yet. If a payment of yours is missing here, tell us.
paysupport-other = None of these
what-is-wrong = What is wrong?
reason-not-wanted = I do not want it: refund
reason-not-arrived = It never arrived: refund
reason-other = Something else
refund-receipt = Confirmed on { $time }: order { $order } is taken back, and { $price } on the way to you.
refund-not-plain = This cannot be given back by itself: it was used, delivered, handed to the lab, refunded, or is older than 14 days. If that is wrong, tell us.
withdraw = Withdraw
withdraw-which = Which purchase do you withdraw from? Unspent credits, photos that never came and prints that are not at the lab yet can be given back within 14 days.
withdraw-none = There is nothing to withdraw from: no unspent purchase of the last 14 days. Is something wrong with an order? /paysupport
withdraw-sure =
    You withdraw from this purchase:
    { $order }

    "Withdraw" confirms it: what it gave is taken back, and the money comes back to you.
terms-1 =
    Terms, version { $version }

    Seller: { $name }
    Contact: { $contact }

    • Darkroom works on photos that you send into this chat. Credits pay for the tools that show a price; their prices are in /buy and on the buttons.
    • You pay in Telegram Stars, through Telegram. The price is what the invoice says; there are no subscriptions and no further costs.
    • What you buy is yours at once: you ask for that when you choose it. Unspent credits can be given back within 14 days (/withdraw). For a photo that is delivered the right to withdraw ends, since you asked for it at once.
    • A job that fails or is stopped costs nothing: credits come back by themselves, and so do Stars paid for one photo.
    • Credits do not expire and cannot be passed on or paid out.
    • You send only photos that you may send. Darkroom never makes, undresses, swaps or beautifies people.
    • Help with a payment: /paysupport. Telegram's own support cannot help with purchases from a bot.
    • What is kept of you: /privacy
terms-2 =
    Terms, version { $version }

    Seller: { $name }
    Contact: { $contact }

    • Darkroom works on photos that you send into this chat. Credits pay for the tools that show a price; their prices are in /buy and on the buttons.
    • You pay in Telegram Stars, { $prints ->
        [no] {""}
       *[yes] prints by card,{" "}
    }through Telegram. The price is what the invoice says; there are no subscriptions and no further costs.
    • What you buy is yours at once: you ask for that when you choose it. Unspent credits can be given back within 14 days (/withdraw). For a photo that is delivered the right to withdraw ends, since you asked for it at once.
    • A job that fails or is stopped costs nothing: credits come back by themselves, and so do Stars paid for one photo.{ $prints ->
        [no] {""}
       *[yes] {"\u000A"}• Prints are made of your picture, for you alone: you can withdraw until the lab has the order, not after. What comes damaged, wrong or not at all is printed anew or refunded: /paysupport. The lab that prints and posts them learns the picture and the address, and nobody else.
    }
    • Credits do not expire and cannot be passed on or paid out.
    • You send only photos that you may send. Darkroom never makes, undresses, swaps or beautifies people.
    • Help with a payment: /paysupport. Telegram's own support cannot help with purchases from a bot.
    • What is kept of you: /privacy
seller-unnamed = whoever runs @{ $bot }
seller-here = /paysupport, in this chat
ask-for-help = Ask for help
command-buy = credits, and what they cost
command-balance = how many credits you have
command-orders = what you bought
command-withdraw = give a purchase back
command-paysupport = help with a payment
command-terms = the terms, and who sells
operators-stray = A payment of { $price } by user { $user } belongs to no order, and more such were refunded in the last hour than look normal. It is kept as order { $order }: /refund { $order } gives it back.
operators-unreadable-payment = A line in Telegram's list of payments cannot be booked: { $line }. It is counted as nothing, and the rest of the list is read. If somebody paid with it, look it up in the bot's Star balance and settle it with them by hand.
operators-refund-refused = Telegram refuses to refund order { $order }: { $why }. It is tried again with longer and longer pauses.
operators-older-payments =
    { $count ->
        [one] One payment in Telegram's list is older than this database and belongs to none of its orders. It was left alone.
       *[other] { $count } payments in Telegram's list are older than this database and belong to none of its orders. They were left alone.
    }
operators-card-stray = A card payment of { $price } at { $at } belongs to no order: { $charge } in Stripe's dashboard. If it is not from another business of yours, refund it there.
operators-card-strays = { $count } card payments since the last look belong to no order. Stripe's dashboard lists them; if they are not from another business of yours, refund them there.
operators-balance = The bot has { $balance } Stars, but { $needed } could be asked back by refunds. Top it up, or withdraw less.

## Prints by post

tool-print = Prints
tool-print-look = Proof of prints
album-prints = To have one of them on paper, reply to it with: print
post-prints = Post me prints
paper-glossy = glossy
paper-matte = matte
prints =
    { $copies ->
        [one] 1 print
       *[other] { $copies } prints
    }, { $size } cm, { $paper }
prints-handling = Making and packing
prints-cut = What is darker is cut off: { $cut } % of the picture.
prints-no-cut = This is what is printed.
prints-whole = The whole picture is printed, with white around it.
prints-coarse = For this size the picture has few pixels ({ $dpi } to the inch): it will look soft.
prints-price =
    { $what }: { $price }, and posting it: { $zones }. Elsewhere it is not posted.

    You pay by card, with Stripe. Telegram's form asks for name and address; as they arrive here they are sealed for the lab alone, and so is the picture.

    By ordering you ask for prints of your own picture: you can withdraw until the lab has the order, not after. Who sells, and on which terms: /terms
prints-order = Order · { $price } and posting
prints-fewer = ➖ Fewer
prints-more = ➕ More
prints-to-glossy = On glossy paper
prints-to-matte = On matte paper
prints-to-whole = The whole picture, with white around it
prints-to-fill = Fill the paper, cut off the rest
prints-move = Cut it elsewhere
checkout-no-sale = { prints-no-sale }
prints-only-a-look = This is only a look at it, and would be printed as such. Reply to the file below or above it, or to a photo of your own.
prints-no-sale = Prints are not sold any more. Nothing is paid.
prints-too-large = This file has more than { $limit } MB, more than I can fetch again for the lab. Make it smaller with "{ tool-resize }" first.
invoice-prints = Prints of the picture above, on real paper, by post. Picture and address are sealed: the lab alone can open them.
zone-home = Germany
zone-europe = Europe
zone-world = overseas
zone-days = { $zone }, { $from } to { $to } days
checkout-not-there = Prints are not posted to this country. Nothing is paid.
paid-prints = Thank you: order { $order } is paid, { $price }. The picture is being made ready and sealed for the lab; I tell you here how far it is.
prints-sent = Order { $order } is at the lab: picture and address are sealed, and gone here.
prints-printed = Order { $order } is printed.
prints-posted = Order { $order } is in the post. { $trail }
prints-delivered = Order { $order } has arrived, says the post. Is something wrong with it? /paysupport
prints-returned = Order { $order } came back to the lab: it could not be delivered. /paysupport puts it right.
prints-corrected =
    A correction: what I last told you about order { $order } was a mistake of the lab's. { $state ->
        [sent] It is at the lab, and not printed yet.
        [printed] It is printed, and not in the post yet.
        [posted] It is in the post. { $trail }
        [delivered] It has arrived, says the post.
       *[returned] It came back to the lab: it could not be delivered.
    }
prints-trail = Follow it: { $number } { $link }
error-no-address = Telegram told me no address, so this cannot be posted.
refunded-part = You have { $price } of order { $order } back, on the card that paid.
lab-order =
    Order { $order }
    { $what }
    To: { $zone }
    Open it with: python -m bot lab open FILE
lab-again = This may have come before: print it once.
lab-reply = Reply here: "printed"; "posted DHL 00340…"; "delivered"; "returned". "undo" takes the newest step back. Or tap.
lab-printed = Printed
lab-posted = Posted, without a number
lab-delivered = Delivered
lab-returned = Came back
lab-noted = Order { $order }: { $state }. The person is told.
lab-undo = Undo
lab-undone = Order { $order } is { $state } again. The person is told that it was a mistake.
lab-not-undone = Nothing is taken back: order { $order } is { $state }. Only its newest step can be, once, and not after a refund.
lab-edited = I noted what this message said at first, and an edit does not change it: order { $order } is { $state }. To take the newest step back, tap Undo or reply with: undo. Then write it anew.
lab-not-now = Order { $order } is { $state }: it cannot become { $wanted } now.
lab-no-order = There is no order { $order } of prints.
lab-how =
    Reply to an order's message with: printed; posted; posted [CARRIER] NUMBER; delivered; returned; undo. Or: /ship ORDER [CARRIER] NUMBER

    The number as the carrier prints it, in one line, and no other words; with a photo, as its caption. Without a carrier only where the number itself tells whose it is. Carriers: { $carriers }. With any other carrier, or without a number: posted

    I have noted nothing.
lab-late = Order { $order } has been { $state } since { $since }. How far is it?
lab-cancelled = Order { $order } is cancelled: please do not print or post it.
operators-late = Order { $order } of prints has been { $state } since { $since }, and the lab has not answered.
operators-card-refused = The refund of order { $order } did not reach the card: { $why }. Refund it in Stripe's dashboard: that is noted here. What goes back another way is not, and the order stays as it is.
operators-card-part = That is no part of order { $order } that could be refunded: it was paid with { $price }, of which { $returned } went back or is about to. Only card payments have parts.
operators-fraud = Stripe warns: the bank takes the payment of order { $order } for fraud. /refund { $order } now spares a dispute and its fee.
operators-dispute-open =
    Dispute about order { $order }: the bank asks for { $price } ({ $why }). Answer it in Stripe's dashboard until { $until }. What there is:
    Paid { $paid }; asked for at once { $consented }, under version { $version } of the terms; state: { $state }; refunded: { $returned }
    Parcel: { $trail }
operators-dispute-won = The dispute about order { $order } is won: { $price } stay ({ $why }). State: { $state }; paid { $paid }; until { $until }; refunded: { $returned }; terms { $version }, { $consented }; parcel: { $trail }
operators-dispute-lost = The dispute about order { $order } is lost: the bank has taken { $price } ({ $why }), and the order counts as refunded. State: { $state }; paid { $paid }; until { $until }; refunded before: { $returned }; terms { $version }, { $consented }; parcel: { $trail }
mail-shipping = of it, posting
mail-back = Refunded so far
mail-trail = Parcel
mail-sent-title = Your prints are at the lab
mail-sent = Picture and address are sealed for the lab, and gone with us.
mail-printed-title = Your prints are made
mail-printed = They are about to be posted.
mail-posted-title = Your prints are in the post
mail-posted = The lab has handed them over.
mail-delivered-title = Your prints have arrived
mail-delivered = So says the post. If something is wrong with them: /paysupport, in the chat with the bot.
mail-corrected-title = A correction about your prints
mail-corrected =
    If we told you otherwise, that was a mistake of the lab's. { $state ->
        [sent] Your prints are at the lab, and not printed yet.
        [printed] Your prints are made, and not in the post yet.
        [posted] Your prints are in the post.
        [delivered] Your prints have arrived, says the post.
        [returned] Your prints came back to the lab: they could not be delivered.
       *[other] Your order is cancelled, and your money on its way back or with you.
    }
mail-returned-title = Your prints came back
mail-returned = They could not be delivered, and are at the lab again. /paysupport, in the chat with the bot, puts it right.
mail-refunded-part-title = Part of your payment refunded
mail-refunded-part = It is back on the card that paid; a bank may take some days to show it.
mail-consent-print = On { $time } you asked for prints of your own picture, and confirmed that you know: they are made for you alone, so your right to withdraw ends when the lab has the order.

## Support

command-support = write to the operators
support = Write to the operators. What is it about?
support-open =
    { $count ->
        [one] Your open ticket: { $tickets }.
       *[other] Your open tickets: { $tickets }.
    } To go on with one, reply to one of its messages.
support-seller = This bot has no operators' chat. Write to the seller: { $contact }
support-nobody = This bot has no operators' chat, and its seller has named no address. /paysupport gives payments back, /privacy says what is kept, and /help what I can do.
subject-photo = A photo
subject-payment = A payment
subject-privacy = Privacy
subject-other = Something else
send = Send
cancel = Cancel
work-on-it = No, work on it
draft-photo = Write me in a message what went wrong. The operators never get a photo from the tools. If they have to see one, attach it here: then they will SEE it.
draft-payment = Write me in a message what is wrong with the payment. The operators never get a photo from the tools; a file that you attach here they will SEE.
draft-privacy = Write me in a message what you want to know, or what shall happen to your data. The operators never get a photo from the tools; a file that you attach here they will SEE.
draft-other = Write me in a message what it is. The operators never get a photo from the tools; a file that you attach here they will SEE.
draft-ticket = Write me in a message what goes to the operators with ticket { $ticket }. A file that you attach here they will SEE.
draft-about-job = They learn of your job with the tool "{ $tool }" on { $time }, and how it ended. Not the photo.
draft-about-order = They see your order { $order } with it.
draft-preview = This is what the operators get, and it is not sent yet. You can still add to it.
draft-warning =
    ⚠️ { $count ->
        [one] Operators will SEE the file that you attached.
       *[other] Operators will SEE the { $count } files that you attached.
    }
draft-blank = I cannot find any words in this message. Write me what it is about.
draft-full = This is a lot already: { $most } messages are the most at once. Send them, then go on.
draft-cancelled = Nothing was sent to the operators.
draft-gone = This is not waiting to be sent any more. /support begins anew.
draft-changed = It has changed since. This is what it says now.
ticket-not-passed-on = The operators do not get this: only words are passed on to ticket { $ticket }. A photo or a file reaches them as a reply to one of the messages of that ticket.
ticket-sent =
    This is ticket { $ticket }. The operators answer here.

    Until it is closed, what you write here goes to the operators; photos and files do not. To add one, send it as a reply to a message of the ticket.
ticket-waits =
    This is ticket { $ticket }. I cannot reach the operators right now: it waits here, and goes to them as soon as I can. They answer here.

    Until it is closed, what you write here goes to the operators; photos and files do not. To add one, send it as a reply to a message of the ticket.
ticket-open-again = Ticket { $ticket } is open: what you write here goes to the operators; photos and files do not.
ticket-closed = Ticket { $ticket } is closed: what you write here does not go to the operators any more. If something is left, reply to one of its messages.
ticket-file-gone = (a file that is not there any more)
ticket-file-refused = (a file that Telegram does not let me pass on; who sent it knows)
ticket-file-not-copied = Telegram does not let me pass on this file: the operators have only what you wrote with it. Quizzes, paid media and what is protected from copying cannot be passed on. Send it in another way, for example as a screenshot.
granted =
    The operators gave you { $credits ->
        [one] 1 credit.
       *[other] { $credits } credits.
    } You have { $balance } now.
banned = The operators have ended the work for you, so I cannot do this. Your purchases and rights stay: /orders /withdraw /paysupport /privacy
topic = #{ $ticket } · { $subject }
topic-closed = ✓ #{ $ticket } · { $subject }
card =
    Ticket { $ticket } · { $subject }
    Language: { $language }
    <code>user { $user }</code>
card-order =
    Order { $order }: { $what }, { $price }, { $state }
      opened { $opened }, paid { $paid }, ended { $ended }
card-job = The bot at work: { $tool }, { $error }, { $time }
operators-edited-command = An edit is not carried out as a command. Write it as a new message.
operators-edited-answer = The person has read this as an answer already, and it stays as it was. Write the command, or /note and your words, as a new message.
operators-edit-of-command = This was a command, and an edit of it changes nothing. Write what you mean as a new message.
operators-command-close = close this ticket
operators-command-reopen = open it again
operators-command-note = note something that only operators see
operators-command-canned = answers that you write often
operators-command-refund = give an order's money back
operators-command-grant = give somebody credits
operators-command-ban = refuse somebody's photos, purchases and requests
operators-command-unban = allow them again
operators-command-ship = note that prints are posted, and where to follow them
operators-command-status = what goes on, and what needs you
operators-command-stats = how much is used, in figures
operators-command-error = what is known of an error code
operators-command-pause = stop taking photos for a while
operators-command-resume = go on after a pause
-commands =
    /note TEXT
    /close, /reopen
    /grant N credits
    /refund ORDER, /refund ORDER 2.50
    /ship ORDER TRACKING
    /canned NAME: a text you kept
    /ban, /unban
card-help =
    What you write here goes to the person; edits and files too. Only for you:
    { -commands }
card-help-plain =
    Reply to this message, or to one of the person's below it: that goes to the person; edits and files too. Only for you, also as replies:
    { -commands }
was-operator = Answer: { $words }
was-note = Note: { $words }
operators-blocked = The person has blocked the bot.
operators-unblocked = The person has unblocked the bot. What waited is on its way.
operators-not-delivered = Not delivered: the person has blocked the bot. It waits until they are back.
operators-refused = Not delivered: Telegram refuses this message ({ $why }). Write it another way.
operators-not-passed-on = I cannot pass on this kind of message, so the person did not get it. Write it as text, or send it as a file.
operators-file-not-copied = The person did not get this file, only what you wrote with it: Telegram does not let me copy it. Quizzes, paid media, and anything in a group that restricts saving content cannot be copied. Send it in another way.
only-typed = I only obey what you type yourself, and this came as a forward or through another bot, so I did nothing. If you want it, write it in a message of your own.
only-administrators = Only administrators of this group give me orders here, so I did nothing. Ask one of them, or to be made one.
only-as-yourself = I cannot tell who writes as a channel, so I did nothing. Write it once more as yourself: choose your own name beside the message field.
group-refused = Strangers can enter this group, so I obey nobody in it. `python -m bot check` says how to mend that.
group-moved =
    Telegram has made this group a supergroup, with another number. I have come along. Set in .env, so that it stays so:
    { $settings }
group-public = This group has a public name, so strangers can enter it and read along. I bring nothing here and obey nobody here until it is private.{ group-tickets } { group-again }
group-linked = This group is linked to a channel, so strangers can write in it. I bring nothing here and obey nobody here until the link is gone.{ group-tickets } { group-again }
group-nearby = This group has a location, so strangers nearby can enter it. I bring nothing here and obey nobody here until the location is gone.{ group-tickets } { group-again }
group-tickets =
    { $tickets ->
        [0] {""}
        [one] {" "}One ticket waits for that.
       *[other] {" "}{ $tickets } tickets wait for that.
    }
group-again = I look again every hour, and as soon as an administrator writes something here.
group-no-topics = This group has no topics, so tickets come as plain messages: reply to them, and the person gets the answer. To have a topic for each, turn topics on in the group's settings.
group-no-right = I may not manage topics in this group, so tickets come as plain messages: reply to them, and the person gets the answer. To have a topic for each, make me an administrator with that right.
group-away = I am not in the chat at { $setting }: add me to it again, or correct the number in .env. What belongs there waits.
group-well = All is well with this group again. What has waited is on its way.
operators-in-topic = This works in a ticket's topic only.
operators-closed = Closed. The person is told.
operators-closed-already = It is closed already.
operators-topic-closed = This closes the topic, but not the ticket: the person goes on writing, and it arrives here. /close closes the ticket and tells the person.
operators-opened = Open again. The person is told.
operators-open-already = It is open.
operators-how-note = Like this: /note TEXT
operators-how-grant = Like this: /grant N in a ticket's topic, or /grant USER N; N is from 1 to { $most }.
operators-how-ban = Like this: /ban or /unban in a ticket's topic, or with a number behind it: /ban USER
operators-how-refund = Like this: /refund ORDER; a part of what was paid by card: /refund ORDER 2.50
operators-nobody = Nobody who ever wrote to this bot has that number.
operators-granted = Granted: { $credits } to user { $user }, who has { $balance } now.
operators-banned = User { $user } is banned. Jobs are stopped; purchases and rights stay.
operators-done-by = Done by { $name }.
operators-done-anonymously = Done by an anonymous administrator.
operators-banned-already = User { $user } is banned already.
operators-unbanned = User { $user } is not banned any more.
operators-not-banned = User { $user } is not banned.
operators-no-order = There is no order { $order }.
operators-other-order = Order { $order } is not of this ticket's person. Outside of tickets' topics /refund takes any order.
operators-not-refundable = Order { $order } is { $state }: there is nothing to refund.
operators-refund = Refund
operators-refund-spent = Credits of order { $order } are spent. With { $price } refunded, the balance will be { $balance }. Sure?
operators-refund-delivered = The photo of order { $order } was delivered. Refund { $price } nevertheless?
operators-refund-print = Order { $order } is { $state }. Refund { $price } nevertheless? The lab is told to stop, should it not have posted it yet.
operators-refunded = Order { $order }: the money is going back, the person is told.
operators-refunded-already = Order { $order } is refunded already, or about to be.

## E-mail

command-email = where your receipts go
email-off = This bot sends no e-mail. Your receipts are in this chat: /orders
email-ask = Where shall your receipts go? Write me your e-mail address.
email-why = Why: what you buy, give back and agree to is confirmed in writing, and stays yours if this chat is gone. What for: confirmations of your payments and refunds, and answers of the operators if you want copies or have blocked me. Never advertising, never a photo.
email-until-removed = How long: until you remove it with /email.
email-until-unused =
    { $days ->
        [one] How long: until you remove it with /email, or one day after it was last used.
       *[other] How long: until you remove it with /email, or { $days } days after it was last used.
    }
email-without = Without e-mail
email-again = Send another code
email-change = Change the address
email-remove = Remove the address
email-want-copies = Copies of answers, too
email-stop-copies = No copies of answers
email-yes = Yes, by e-mail too
email-no = No, only here
email-unlike = This does not look like an e-mail address. Write me one like anna@example.org, and nothing else.
email-code-sent = I am sending six digits to { $address }. Write them here; they count for { $minutes } minutes.
email-code-unlike = I am waiting for the six digits from my e-mail. Write me only those, or another address.
email-code-wrong =
    { $left ->
        [one] These are not the digits. You have one more try.
       *[other] These are not the digits. You have { $left } more tries.
    }
email-code-spent = These are not the digits, and it was tried too often. I can send you another code.
email-code-expired = This code is not valid any more, or not sent yet. I can send you another one.
email-code-too-many = That is enough codes for today: no more go to you, or to this address, until tomorrow.
email-code-waits = The mail server does not take the code right now. I go on trying for { $minutes } minutes; it need not hold you up.
email-code-given-up = The code could not be sent: no mail server took it for { $minutes } minutes. /email tries anew.
email-refused-code = The mail server refuses { $address }: there is no such mailbox. Is it spelled right? Write me the address again.
email-refused = The mail server refuses { $address } for good, so I send nothing there any more. Your receipts are in this chat: /orders. /email changes the address.
email-given-up = A mail to you could not be sent for three days, so I gave up. What it says is in this chat, too; your orders: /orders
email-known = This address is confirmed already.
email-confirmed = Confirmed: your receipts go there from now on. /email changes or removes it.
email-declined = Good, without e-mail. /email if you think otherwise.
email-cancelled = Cancelled: nothing has changed.
email-removed = The address is gone, and so is every mail that was still to be sent to it. Your receipts are in this chat: /orders
email-is = Your receipts go to { $address }.
email-fails = Its mail server refuses it for good, so nothing is sent there. Change it, or remove it.
email-ask-copies = Shall a copy of each answer come by e-mail?
email-copies-on = Answers of the operators come by e-mail, too.
email-copies-off = Answers of the operators come by e-mail only if you have blocked me.

## What mails say

mail-subject = { $title } · { $order }
mail-order = Order
mail-what = What
mail-price = Price
stars =
    { $count ->
        [one] 1 Telegram Star
       *[other] { $count } Telegram Stars
    }
price = { $amount }
mail-sold-by = Seller
mail-paid-at = Paid
mail-withdrawn-at = Withdrawn
mail-refunded-at = Refunded
mail-paid-title = Payment confirmed
mail-paid = Your payment has arrived, through Telegram. The price is final; nothing more is charged.
mail-consent-credits = On { $time } you asked to have your credits at once. Unspent, you can give them back within 14 days of the payment: /withdraw in the chat with the bot. What is spent cannot be given back.
mail-consent-photo = On { $time } you asked to have this photo worked on at once, and confirmed that you know: with the result your right to withdraw ends. Until it is delivered, /withdraw in the chat with the bot takes it back.
mail-withdrawn-title = Withdrawal confirmed
mail-withdrawn = You have withdrawn from this purchase. What it gave is taken back, and your money is on its way to you; another mail says when it is there.
mail-refunded-title = Refund confirmed
mail-refunded = Your money is back with you: Stars in Telegram, or what you paid by card on that card, where a bank may take some days to show it.
mail-code-subject = Your code for Darkroom
mail-code-title = Your code
mail-code = Write these six digits into the chat with the bot. They count for { $minutes } minutes.
mail-code-not-you = Was it not you? Then somebody mistyped their address. You need not do anything: without these digits nothing comes here but, at most, a few more such codes.
mail-answer-title = Answer to your ticket { $ticket }
mail-answer-file = A file came with this answer. It is in the chat with the bot only.
mail-answer-why = This answer comes by e-mail because you wanted copies, or have blocked the bot. To reply, write to the bot: nobody reads replies to this mail.
mail-seller = Seller: { $name }. Contact: { $contact }
mail-seller-unnamed = whoever runs this bot
mail-seller-here = /paysupport, in the chat with the bot
operators-mail = The mail server does not take mail from us ({ $why }). Mails wait for up to three days; `python -m bot check` says more.
operators-by-mail = Not delivered here: the person has blocked the bot. It goes by e-mail, and waits here until they are back.
operators-canned = Canned answers: { $names }
operators-how-canned = /canned NAME in a ticket's topic sends it, elsewhere shows it; /canned NAME TEXT keeps it, /canned NAME - removes it. NAME.de is what people who read German get.
operators-canned-kept = Kept as { $name }.
operators-canned-gone = { $name } is removed.
operators-canned-none = There is no canned answer { $name }.

## Rights

command-mydata = everything held on you, as a file
command-forget = have all of it erased
kept-table = Every column, one by one
kept-caption = All that the database can hold: why, how long, and who sees it. Made from the program's own text; open it in a browser.
kept-title = What Darkroom keeps
kept-intro = Every column of the database. "Kept" means: as long as the service runs. /forget ends all that is about you, but for refunds of the last 14 days and a keyed mark. Unless somebody is named, nobody sees it; whoever runs the machine and holds its key could. Where a setting says so, closed tickets and unused e-mail addresses go earlier: /privacy names the days. Photos are in no column.
kept-column = Column
kept-why = Why
kept-how-long = How long
kept-seen-by = Who sees it
kept-nobody = nobody
kept-version = Version { $version } of the promise
consent-withdraw = Withdraw consent
consent-sure = Then I take no photo from you until you agree again, and jobs that run now are stopped; what is paid and not delivered comes back to you, but for prints that the lab has: they are posted. Your credits, /orders, /withdraw and /support stay.
consent-withdrawn = Your consent is withdrawn: I take no photo until you agree again. Send one, and I ask. /forget erases what is kept on you.
consent-stays = Your consent stays as it is.
error-no-consent = You have not agreed, or not any more, that I work on your photos, so I do not.
mydata = Everything held on you at this moment. The file has every row of it, as it is.
mydata-agreed = • You agreed to version { $version } of the promise, on { $time }
mydata-not-agreed = • You have not agreed that I work on your photos
mydata-language = • Language: { $language }
mydata-address = • E-mail address: { $address }
mydata-address-asked = • E-mail address, not confirmed yet: { $address }
mydata-mails = • Mails still to be sent: { $mails }
mydata-credits = • Credits: { $credits }
mydata-orders = • Paid orders: { $paid }; not paid: { $unpaid }
mydata-shipments = • Orders of prints whose way is known: { $shipments }
mydata-tickets = • Tickets: { $tickets }; messages in them: { $messages }, in a draft: { $drafts }
mydata-chat = • Numbers of messages in this chat: { $messages }
mydata-photos = • Where photos are in this chat: { $photos }, for albums and backgrounds
mydata-job = • Your last job: { $job }, on { $time }; in memory, for an hour
mydata-running = • Jobs at work: { $jobs }
mydata-updates = • Messages and taps that are not handled yet: { $updates }. This /mydata is one; it is blanked with the answer
mydata-banned = • The operators have banned you
mydata-mark = • You were forgotten once: of that there is a keyed mark
mydata-end = Photos and results are not in it, since none are kept. What is in this chat is with Telegram: you see it here, and I cannot read it again.
forget =
    "{ forget-me }" erases what is kept on you: your consent, your language, your e-mail address, the numbers of this chat's messages, and:

    { $credits ->
        [0] • no credits, for you have none
        [one] • 1 credit: it is lost
       *[other] • { $credits } credits: they are lost
    }
    { $orders ->
        [0] • nothing that is paid and not delivered
        [one] • one order that is paid and not begun or delivered: it is stopped, and the money comes back
       *[other] • { $orders } orders that are paid and not begun or delivered: they are stopped, and the money comes back
    }
    { $tickets ->
        [0] • no tickets, for you have none
        [one] • one ticket, with all words, also in the operators' chat
       *[other] • { $tickets } tickets, with all words, also in the operators' chat
    }

    What stays, as a mark that only I can match to you: that you had a newcomer's credits, and a ban if there is one. And what you paid in the last 14 days, with your Telegram number, until these are over: so long /withdraw still works. Then payments are nobody's.
forget-prints =
    { $prints ->
        [one] One order of prints is with the lab or in the post. It arrives all the same, but you hear nothing more of it, and nobody here can look it up for you.
       *[other] { $prints } orders of prints are with the lab or in the post. They arrive all the same, but you hear nothing more of them, and nobody here can look them up for you.
    }
forget-me = Forget me
forget-sure = Sure? This cannot be undone. Telegram keeps this chat until it is deleted here: I can delete the last 48 hours of it now, not later, for I will not know its messages any more.
forget-and-wipe = Wipe this chat and forget me
forget-and-keep = Forget me, leave the chat
forget-not = Nothing was erased.
forgotten = You are forgotten. What is in this chat is kept by Telegram alone: "Clear history" in the chat's menu deletes it. If you write again, we begin anew.
forgotten-wiped = You are forgotten, and the last 48 hours of this chat are deleted as far as Telegram lets a bot. "Clear history" in the chat's menu deletes the rest. If you write again, we begin anew.
operators-delete-messages = The person of ticket { $ticket } asked to be forgotten, or its time is over, and it had no topic that I could delete. Please delete by hand what is here of it: its card begins with the ticket's number.
operators-delete-topic = The person of the topic "{ $topic }" asked to be forgotten, or its time is over, and Telegram does not let me delete it. Please delete it by hand.
operators-order-of-nobody = Whose order { $order } was is forgotten, and it is older than 14 days: Telegram needs the person's number to give Stars back.

## Progress and results

stage-waiting = In the queue, place { $place } …
stage-waiting-moments = In the queue, place { $place }, a few seconds …
stage-waiting-seconds = In the queue, place { $place }, about { $seconds } seconds …
stage-waiting-minutes =
    In the queue, place { $place }, about { $minutes ->
        [one] a minute …
       *[other] { $minutes } minutes …
    }
stage-photo = Photo { $photo } of { $photos }.
stage-fetching = Fetching your photo into memory …
stage-reading = In the dark: reading …
stage-working = In the dark: working …
stage-saving = In the dark: saving …
stage-sending = Sending it back …
done-clean = Metadata removed.
done-resize = { $format }, { $width } × { $height } pixels, { $kilobytes } KB.
done-enhance = Light and colour enhanced.
done-cutout = Cut out: { $format }, { $width } × { $height } pixels, { $kilobytes } KB.
preview-cutout = A quick look; the picture itself follows as a file. Is something missing, or too much? Tap "{ mend }", then the squares: ➕ for missing, ➖ for too much. Doing it again is free.
preview-enhance = Before and after. The photo itself follows as a file.
held = Held { $seconds } s in memory, gone.
report-place = Place: { $latitude }, { $longitude }

## Use: its limits, its pauses, and what went wrong

error-code = If you write to /support about it, this code helps: { $code }
error-busy-minute = { $limit } photos a minute are the most that I take from one person. In { $seconds } seconds I go on: tap again then.
error-busy-day =
    You had { $limit } photos for free today, the most for one person and day. { $hours ->
        [one] Within an hour
       *[other] In about { $hours } hours
    } the free tools go on; those that cost credits work meanwhile.
flood = You send faster than I can answer, so I left out what came last. Wait a moment, then send again what got no answer.
stage-paused =
    A pause for maintenance. Your photo waits: I come back to it by myself. { $why }
status-paused =
    A pause for maintenance: what you ask for waits, and nothing is sold meanwhile. { $why }
status-limits =
    You may have { $at_once } jobs at once, { $minute } photos a minute ({ $minute_left } left), and { $day } a day with the free tools ({ $day_left } left).
checkout-paused = A pause for maintenance: nothing is sold right now. Nothing is paid; please try again later.
operators-paused =
    Paused: no job begins and nothing is sold. What comes waits, refunds and support go on. /resume ends it. { $at_work ->
        [0] Nobody is at work.
        [one] One job still ends.
       *[other] { $at_work } jobs still end.
    }
operators-pause-long = That is too long: what people read about a pause may have { $most } characters.
operators-resumed =
    Going on. { $waiting ->
        [0] Nothing waited.
        [one] One job waited.
       *[other] { $waiting } jobs waited.
    }
operators-no-pause = There is no pause. Waiting: { $waiting }.
operators-new-error = A new kind of error, { $code }: { $kind } at { $place }, tool { $tool }. It is told once; /error { $code } says how often it happens.
operators-how-error = Like this: /error CODE, with the eight letters that the person was told.
operators-no-error = There is no error { $code }, or it has not happened for 90 days.
operators-error =
    { $kind } at { $place }
    Tool: { $tool }
    { $count ->
        [one] Once,
       *[other] { $count } times,
    } first { $first }, last { $last }
service-paused = PAUSED. People read: { $why }
service-work = Jobs: { $at_work } at work, { $waiting } waiting
service-lane-light = Light lane: { $taken } of { $seats } seats taken, { $waiting } waiting
service-lane-heavy = Heavy lane: { $taken } of { $seats } seats taken, { $waiting } waiting
service-memory = Memory for jobs: { $used } of { $budget } MB taken
service-disk = Disk: { $free } of { $of } GB free; the database has { $database } MB
service-runs = Jobs of the scheduler, and when they last ran:
service-run = • { $job }: { $time }, { $outcome }
service-run-failed = • { $job }: { $time }, { $outcome }; last done { $done }
service-no-runs = No job of the scheduler has run yet.
service-no-errors = No errors in the last day.
service-group =
    { $setting }: { $trouble ->
        [away] I AM NOT IN THIS CHAT
        [public] the group has a public name and is not used
        [linked] the group is linked to a channel and is not used
        [nearby] the group has a location and is not used
        [no-topics] the group has no topics
       *[no-right] I may not manage topics in the group
    }
service-moved =
    The group has another number now. Set in .env:
    { $settings }
service-tickets =
    { $count ->
        [0] No ticket waits to be brought here or to its person.
        [one] One ticket waits to be brought here or to its person.
       *[other] { $count } tickets wait to be brought here or to their persons.
    }
service-errors = Errors of the last day, /error CODE says more:
service-error = { $code } · { $kind } at { $place } · { $count }×
service-more-errors = … and { $count } more kinds
operators-how-stats = Like this: /stats, or /stats DAYS, with 1 to { $most } days.
stats-nothing = nothing yet
stats-none = nobody
stats-photos = Photos
stats-done = { $count } done
stats-failed = { $count } failed
stats-waited = Waited over 10 seconds
stats-jobs =
    { $count ->
        [one] 1 job
       *[other] { $count } jobs
    }
stats-sales = Sold, less refunds
stats-stars = { $count } Stars
stats-answers = Minutes to the first answer
stats-tickets =
    { $count ->
        [one] 1 ticket
       *[other] { $count } tickets
    }
stats-good = Called good, by tool and version
stats-good-of = { $good } of { $total }
stats-caption =
    { $days ->
        [one] Today:
       *[other] The last { $days } days:
    } { $done } photos done, { $failed } failed; { $waited } jobs waited for more than 10 seconds, { $refused } were refused by a limit.
    { $sales } sales, { $refunds } refunds: { $stars } Stars, { $money } by card.
stats-caption-answer = Median time to a first answer: { $minutes } minutes.

## What keeps the bot from serving
mail-operators-subject = Darkroom needs you
trouble-telegram-silent = Telegram has not answered for more than a minute, so nobody is served. Look at this machine's network and BOT_API_URL. Everything goes on by itself once Telegram answers.
trouble-telegram-token = Telegram refuses the bot's token (401), so nobody is served. Ask @BotFather for the token, put it into BOT_TOKEN and restart the bot.
trouble-telegram-conflict = Another program takes this bot's updates (409), so nobody is served here. End the other one, or revoke the token with @BotFather and give the new one to this bot alone.
trouble-telegram-unreached = Telegram does not get through to WEBHOOK_URL, so nobody is served. Look at the proxy and the certificate in front of WEBHOOK_LISTEN.
trouble-database = The database takes nothing ({ $why }). { $free } MB are free on its disk. Updates wait at Telegram for up to a day; they come once the database can be written again.
trouble-jail = The sandbox does not start ({ $why }), so no photo can be worked on. The log says why; `python -m bot check` looks at it.
trouble-disk = Only { $free } MB are free on the disk of the database. Make room there, before it can take nothing any more.
trouble-over =
    { $part ->
        [telegram] Telegram is within reach again
        [database] The database can be written again
        [jail] The sandbox runs again
       *[disk] There is room on the disk again
    }. The trouble lasted { $minutes } min.
service-troubles = NOT READY, for want of: { $parts }
clock-jumped =
    { $way ->
        [back] The clock of this machine jumped back
       *[forward] The clock of this machine jumped forward
    } by { $minutes } min. What was due is done by the new time. If it is wrong now, set it right: what is kept for a time goes too early or too late by it.
