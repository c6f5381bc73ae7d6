// What worker tests say of values and errors.
export function equal(actual, expected) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`expected ${right}, got ${left}`);
}

function compare(error, name, part) {
  if (error?.name !== name || !String(error.message).includes(part)) {
    throw new Error(`expected ${name} with "${part}", got ${error?.name}: ${error?.message}`);
  }
}

// `part` must occur in the message.
export function throws(action, name, part = '') {
  try {
    action();
  } catch (error) {
    compare(error, name, part);
    return;
  }
  throw new Error(`expected ${name} with "${part}", got no error`);
}

export async function rejects(promise, name, part = '') {
  try {
    await promise;
  } catch (error) {
    compare(error, name, part);
    return;
  }
  throw new Error(`expected ${name} with "${part}", got no error`);
}
