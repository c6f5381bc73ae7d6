import '../../../../outside.js';
