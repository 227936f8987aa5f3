// The emoji people put into texts to customers, by group, each with the words it is found by.

import { noted, t } from "./words.js";

const LISTS = {
  [noted("Smileys")]:
    noted("😀 grin happy|😃 smile happy|😄 laugh happy|😁 beam grin|😅 sweat relief|😂 tears joy laugh|🙂 slight smile|😉 wink|😊 blush smile warm|😇 halo angel|🥰 hearts love|😍 heart eyes love|😘 kiss|😋 yum tasty|😎 cool sunglasses|🤗 hug|🤔 think hmm|😐 neutral|🙄 eye roll|😬 grimace awkward|😌 relieved calm|😔 sad pensive|😴 sleep tired|🤒 sick ill|🤧 sneeze cold|🥳 party celebrate|😕 confused|😟 worried|😮 surprised wow|😳 flushed|🥺 pleading|😢 cry sad|😭 sob cry|😱 scream shock|😞 disappointed|😩 weary|😤 huff|😡 angry|🤯 mind blown"),
  [noted("Hands")]:
    noted("👍 thumbs up yes ok|👎 thumbs down no|👌 ok perfect|🤝 handshake deal|🙏 thanks pray|👏 clap applause|🙌 hooray hands|👋 wave hello bye|✌️ peace victory|🤞 fingers crossed luck|💪 strong muscle|☝️ one point up|👉 point right|👈 point left|👇 point down|✋ stop hand|🤷 shrug|🙋 raise hand question|🫶 heart hands"),
  [noted("Hearts")]: noted("❤️ red heart love|🧡 orange heart|💛 yellow heart|💚 green heart|💙 blue heart|💜 purple heart|🖤 black heart|🤍 white heart|💕 two hearts|💯 hundred|✨ sparkles new|⭐ star|🌟 glowing star|🎉 party tada|🎊 confetti|🎁 gift present|🎂 cake birthday|🎈 balloon|🏆 trophy|🔥 fire hot"),
  [noted("Places")]:
    noted("🚗 car|🚙 suv car|🚕 taxi|🚌 bus|🚚 truck delivery|🚲 bike bicycle|🚀 rocket|✈️ plane flight|🚆 train|🅿️ parking|⛽ fuel gas|🔧 wrench repair|🛠️ tools repair|🔑 key|🗝️ old key|🚪 door|🏠 house home|🏢 office building|🏥 hospital clinic|🏫 school|🏨 hotel|🏪 shop store|📍 pin place|🗺️ map|🧭 compass"),
  [noted("Things")]:
    noted("📞 phone call|📱 mobile phone|💬 message chat|✉️ envelope mail|📧 email|📦 package parcel|📅 calendar date|⏰ alarm time|⏳ hourglass wait|🕗 clock time|💳 card pay|💵 money cash|🧾 receipt bill|📄 page document|📎 paperclip|📝 note write|🔒 lock|🔓 unlock|🔍 search|💡 idea light|🔋 battery|💻 laptop|📷 camera photo|🖨️ printer|🛒 cart shop|🧹 broom clean|🧼 soap clean|🧺 laundry|🛏️ bed|🚿 shower|🪥 toothbrush|🦷 tooth dentist|💊 pill medicine|🩺 doctor"),
  [noted("Food")]: noted("☕ coffee|🍵 tea|🍕 pizza|🍔 burger|🍟 fries|🌮 taco|🥗 salad|🍣 sushi|🍜 noodles|🍎 apple|🍌 banana|🍓 strawberry|🥐 croissant|🍞 bread|🍰 cake|🍪 cookie|🍦 ice cream|🍷 wine|🍺 beer|🥂 cheers toast"),
  [noted("Nature")]: noted("☀️ sun|🌤️ sun cloud|☁️ cloud|🌧️ rain|⛈️ storm|❄️ snow cold|🌈 rainbow|🌙 moon night|🌸 blossom flower|🌹 rose|🌻 sunflower|🌱 plant|🌳 tree|🐶 dog|🐱 cat|🐰 rabbit|🐴 horse|🐦 bird|🐝 bee|🌊 wave sea"),
  [noted("Signs")]: noted("✅ check done yes|☑️ tick box|❌ cross no|❗ exclamation|❓ question|⚠️ warning|🚫 no forbidden|🔴 red dot|🟡 yellow dot|🟢 green dot|➡️ right arrow|⬅️ left arrow|⬆️ up arrow|⬇️ down arrow|🔁 repeat|🆕 new|🆗 ok|ℹ️ information|#️⃣ number|1️⃣ one|2️⃣ two|3️⃣ three"),
};

/** Groups in order: [name, [[emoji, words], ...]], in the reader's language. */
export const groups = () =>
  Object.entries(LISTS).map(([name, told]) => [t(name), t(told).split("|").map((one) => [one.slice(0, one.indexOf(" ")), one.slice(one.indexOf(" ") + 1)])]);
