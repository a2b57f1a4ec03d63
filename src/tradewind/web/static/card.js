// Card fields of the payment provider on the checkout page. The number goes from its own frame to the provider and never to this shop;
// what the form sends is a token. Without this module the form still offers every other way to pay.
const place = document.getElementById("card-fields");
const form = place.closest("form");
const choice = form.querySelector('input[name="method"][value="card"]');
const token = form.querySelector('input[name="instrument"]');
const wrong = document.getElementById("card-wrong");

function say(words) {
  wrong.textContent = words;
  wrong.hidden = !words;
}

function begin() {
  const stripe = window.Stripe(place.dataset.key, { locale: place.dataset.locale });
  const elements = stripe.elements({
    mode: "payment",
    amount: Number(place.dataset.amount),
    currency: place.dataset.currency,
    captureMethod: "manual",
    paymentMethodCreation: "manual",
    paymentMethodTypes: ["card"],
  });
  choice.closest("label").hidden = false;
  choice.disabled = false;
  if (!form.querySelector('input[name="method"]:checked')) choice.checked = true;
  const show = () => { place.hidden = !choice.checked; };
  form.addEventListener("change", show);
  show();
  // The form has asked for name and address already; the fields must not ask again.
  elements.create("payment", { fields: { billingDetails: { name: "never", email: "never", address: "never" } } }).mount(place);
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "pay" || !choice.checked || token.value) return;
    event.preventDefault();
    pay(stripe, elements, event.submitter);
  });
}

async function pay(stripe, elements, button) {
  button.disabled = true;
  say("");
  const value = (name) => form.elements[name]?.value ?? "";
  const address = {
    line1: value("line1"), line2: value("line2"), city: value("city"), state: value("region"), postal_code: value("postcode"),
    country: place.dataset.country,
  };
  const details = { name: value("name"), email: value("email"), address };
  let problem = (await elements.submit()).error;
  if (!problem) {
    const made = await stripe.createPaymentMethod({ elements, params: { billing_details: details } });
    problem = made.error;
    if (made.paymentMethod) token.value = made.paymentMethod.id;
  }
  button.disabled = false;
  if (problem) {
    say(problem.message || place.dataset.failed);
    place.scrollIntoView({ block: "center" });
    return;
  }
  // A form that is still in its submit event ignores a second one.
  setTimeout(() => form.requestSubmit(button));
}

// A browser that comes back to this page must not send the token of before once more.
window.addEventListener("pageshow", () => { token.value = ""; });
if (window.Stripe) begin();
else say(place.dataset.failed);
