// A FAKE of Stripe.js for tests without a network: fields in the page itself, and tokens of Stripe's test cards. It must never serve a real shop,
// because the number is typed into the shop's own page. Numbers are Stripe's documented test numbers.
const TOKENS = {
  4242424242424242: "pm_card_visa",
  4000000000000002: "pm_card_chargeDeclined",
  4000002500003155: "pm_card_authenticationRequired",
};
window.Stripe = (key, options) => ({
  elements: (asked) => {
    window.fakeStripeAsked = { key, options, asked };
    return {
      create: () => ({
        mount: (place) => {
          place.innerHTML = '<p class="field"><label for="fake-number">Card number (fake)</label><input id="fake-number" inputmode="numeric" autocomplete="cc-number"></p>';
        },
      }),
      submit: async () => (document.getElementById("fake-number").value.length < 16 ? { error: { message: "Your card number is incomplete." } } : {}),
    };
  },
  createPaymentMethod: async (made) => {
    window.fakeStripeDetails = made.params.billing_details;
    const id = TOKENS[document.getElementById("fake-number").value.replaceAll(" ", "")];
    return id ? { paymentMethod: { id } } : { error: { message: "Your card number is invalid." } };
  },
});
