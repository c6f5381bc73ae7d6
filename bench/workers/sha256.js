// A megabyte hashed by the platform's own cryptography.
const megabyte = new Uint8Array(1 << 20).fill(7);

export default {
  async fetch() {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', megabyte));
    return new Response(`${digest[0]} ${digest[31]}`);
  },
};
