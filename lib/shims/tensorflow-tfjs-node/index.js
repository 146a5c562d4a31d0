// Stands in for the tfjs-node that danfojs-node asks for. Its frames need no more than TensorFlow.js, which computes on
// the backend that the kit's useEngine has chosen; loading tfjs-node itself would change the backend.
module.exports = require('@tensorflow/tfjs');
