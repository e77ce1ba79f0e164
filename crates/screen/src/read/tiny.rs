//! Two small networks for tests, written as ONNX (IR version 8, opset 13): one
//! knows the letters that tests draw, by the nearest picture of each; the
//! other takes for text what is bright.
//!
//! They stand in for the real networks, which tests may not have, and run
//! through the same runtime.

use super::drawn::{drawn, letters};
use super::network::scale;

/// A cell of the drawn text, which the recognition network wants twice as wide
/// and as high as 9 by 18 pixels.
pub(crate) const CELL: (usize, usize) = (9, 18);
/// Ground and ink of the drawn text.
pub(crate) const LEVELS: (u8, u8) = (30, 210);

const WIDE: usize = 24;
const HIGH: usize = 48;
/// How fast a letter loses odds with its squared distance from the picture.
const STEEP: f32 = 0.5;

/// Answers [1, steps, classes]: one step for each cell, class 0 for an empty one.
pub(crate) fn recogniser() -> Vec<u8> {
    let known = letters();
    let pictures: Vec<Vec<f32>> = std::iter::once(' ').chain(known.iter().copied()).map(picture).collect();
    let plane = HIGH * WIDE;
    let mut weights = Vec::new();
    for picture in &pictures {
        weights.extend(picture.iter().map(|level| STEEP * level));
        weights.resize(weights.len() + 2 * plane, 0.0);
    }
    let biases: Vec<f32> =
        pictures.iter().map(|picture| -0.5 * STEEP * picture.iter().map(|level| level * level).sum::<f32>()).collect();
    let classes = pictures.len() as i64;
    // Ground is 0, also beyond the edges; a cell may be cut a little off.
    let nodes = [
        node("Add", &["x", "ground"], "ink", &[]),
        node("Conv", &["ink", "w", "b"], "near", &[("kernel_shape", &[48, 24]), ("pads", &[8, 4, 8, 4])]),
        node("MaxPool", &["near"], "fits", &[("kernel_shape", &[17, 9]), ("strides", &[17, 24])]),
        node("Squeeze", &["fits", "axis"], "flat", &[]),
        node("Transpose", &["flat"], "steps", &[("perm", &[0, 2, 1])]),
        node("Softmax", &["steps"], "y", &[]),
    ];
    let values = [
        floats("w", &[classes, 3, HIGH as i64, WIDE as i64], &weights),
        floats("b", &[classes], &biases),
        floats("ground", &[1], &[-level_of(LEVELS.0)]),
        whole("axis", &[2]),
    ];
    let characters: Vec<String> = known.iter().map(char::to_string).collect();
    model(&nodes, &values, &characters.join("\n"))
}

/// Answers [1, 1, height, width]: how bright the surroundings of a pixel are.
pub(crate) fn detector() -> Vec<u8> {
    let nodes = [
        node("MaxPool", &["x"], "near", &[("kernel_shape", &[5, 19]), ("strides", &[1, 1]), ("pads", &[2, 9, 2, 9])]),
        node("Conv", &["near", "w", "b"], "bright", &[("kernel_shape", &[1, 1])]),
        node("Sigmoid", &["bright"], "y", &[]),
    ];
    let values = [floats("w", &[1, 3, 1, 1], &[8.0, 0.0, 0.0]), floats("b", &[1], &[0.0])];
    model(&nodes, &values, "")
}

/// A level as the network gets it, from -1 to 1.
fn level_of(level: u8) -> f32 {
    f32::from(level) / 127.5 - 1.0
}

/// A letter as the recognition network gets it, less its ground.
fn picture(letter: char) -> Vec<f32> {
    let luma = drawn(CELL.0, CELL.1, (0, 0), CELL, &[&letter.to_string()], LEVELS.0, LEVELS.1);
    scale(&luma, WIDE, HIGH).into_iter().map(|level| level / 127.5 - 1.0 - level_of(LEVELS.0)).collect()
}

fn node(kind: &str, inputs: &[&str], output: &str, attributes: &[(&str, &[i64])]) -> Vec<u8> {
    let mut node = Vec::new();
    inputs.iter().for_each(|input| text(&mut node, 1, input));
    text(&mut node, 2, output);
    text(&mut node, 4, kind);
    for (name, numbers) in attributes {
        let mut attribute = Vec::new();
        text(&mut attribute, 1, name);
        numbers.iter().for_each(|number| number_of(&mut attribute, 8, *number));
        // Of the type "integers".
        number_of(&mut attribute, 20, 7);
        part(&mut node, 5, &attribute);
    }
    node
}

fn floats(name: &str, shape: &[i64], values: &[f32]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, shape, 1, &bytes)
}

fn whole(name: &str, values: &[i64]) -> Vec<u8> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, &[values.len() as i64], 7, &bytes)
}

fn tensor(name: &str, shape: &[i64], kind: i64, bytes: &[u8]) -> Vec<u8> {
    let mut tensor = Vec::new();
    shape.iter().for_each(|side| number_of(&mut tensor, 1, *side));
    number_of(&mut tensor, 2, kind);
    text(&mut tensor, 8, name);
    part(&mut tensor, 9, bytes);
    tensor
}

/// A model from `x` to `y`, with its list of characters.
fn model(nodes: &[Vec<u8>], values: &[Vec<u8>], characters: &str) -> Vec<u8> {
    let mut graph = Vec::new();
    nodes.iter().for_each(|node| part(&mut graph, 1, node));
    text(&mut graph, 2, "tiny");
    values.iter().for_each(|value| part(&mut graph, 5, value));
    for (field, name) in [(11, "x"), (12, "y")] {
        let mut value = Vec::new();
        text(&mut value, 1, name);
        part(&mut graph, field, &value);
    }
    let (mut opset, mut list, mut model) = (Vec::new(), Vec::new(), Vec::new());
    number_of(&mut opset, 2, 13);
    text(&mut list, 1, "character");
    text(&mut list, 2, characters);
    number_of(&mut model, 1, 8);
    part(&mut model, 7, &graph);
    part(&mut model, 8, &opset);
    part(&mut model, 14, &list);
    model
}

/// A field of Protocol Buffers with its length before it.
fn part(to: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    varint(to, field << 3 | 2);
    varint(to, bytes.len() as u64);
    to.extend_from_slice(bytes);
}

fn text(to: &mut Vec<u8>, field: u64, text: &str) {
    part(to, field, text.as_bytes());
}

fn number_of(to: &mut Vec<u8>, field: u64, number: i64) {
    varint(to, field << 3);
    varint(to, number as u64);
}

fn varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}
