// Owns the refusal of a checkout: the place it was asked for is not free, or no such place. Knows nothing of stores.

/** The message is a sentence for a person, fit for a terminal. */
export class CheckoutRefused extends Error {
  override readonly name = 'CheckoutRefused';
}
