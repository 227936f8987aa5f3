// Money in the words of twoway/messaging/cost/rules.py: amounts are whole millionths of the currency's unit.

/** Such as $0.0083 or $12.40: two decimals, and up to four where the amount is below one. */
export function money(micros, mark) {
  const small = micros < 1_000_000;
  const digits = small ? 4 : 2;
  const exact = String(Math.round(micros / (small ? 100 : 10_000))).padStart(digits + 1, "0");
  const whole = exact.slice(0, -digits).replace(/\B(?=(\d{3})+$)/g, ",");
  const decimals = exact.slice(-digits);
  return `${mark}${whole}.${decimals.slice(0, 2)}${decimals.slice(2).replace(/0+$/, "")}`;
}

/** What a text costs by the prices a reply form carries, in millionths, or null when it carries none. */
export function cost({ price, pricePer, priceMms }, segments, media = 0) {
  const told = media ? priceMms : price;
  if (told === undefined || (media && told === "0")) return null;
  return Number(told) * (media || pricePer !== "segment" ? 1 : segments);
}
