'use strict';
// The text of a script is not at hand, so assert.ok() says what it was given instead.
module.exports = {getErrorSourceLocation() {}, getErrorSourceExpression() {}};
