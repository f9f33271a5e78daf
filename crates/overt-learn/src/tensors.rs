//! Trees and matrices as the tensors of a file (docs/spec/model.md, section 6).

use std::collections::HashMap;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::attention::{Net, shapes};
use crate::boost::{Tree, TreeNode};
use crate::error::LearnError;
use crate::tape::Matrix;

/// The only key of the file's own facts: with one, the same content gives the same bytes.
const KEY: &str = "overt";

/// A tensor: its name, what its numbers are, and they, four bytes each.
pub(crate) type Column = (String, Dtype, Vec<u8>);

/// The bytes of a file that holds these, and what is told of them.
pub(crate) fn encode(columns: &[Column], told: String) -> Result<Vec<u8>, LearnError> {
    let mut views = Vec::new();
    for (name, dtype, bytes) in columns {
        let view = TensorView::new(*dtype, vec![bytes.len() / 4], bytes);
        views.push((name.clone(), view.map_err(|_| LearnError::Damaged { what: "a tensor's length" })?));
    }
    safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), told)])))
        .map_err(|_| LearnError::Damaged { what: "its tensors cannot be written" })
}

/// What a file tells of its tensors.
///
/// Errors: [`LearnError::NoModel`] for a file of anybody else.
pub(crate) fn told(bytes: &[u8]) -> Result<String, LearnError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|_| LearnError::NoModel)?;
    header.metadata().as_ref().and_then(|m| m.get(KEY)).cloned().ok_or(LearnError::NoModel)
}

/// All trees' nodes one after the other, and where each tree begins.
pub(crate) fn of_trees(name: &str, trees: &[Tree]) -> Vec<Column> {
    let nodes = || trees.iter().flat_map(|t| &t.nodes);
    let ints = |part: &str, all: Vec<i32>| {
        (format!("{name}.{part}"), Dtype::I32, all.into_iter().flat_map(i32::to_le_bytes).collect())
    };
    let floats = |part: &str, all: Vec<f32>| {
        (format!("{name}.{part}"), Dtype::F32, all.into_iter().flat_map(f32::to_le_bytes).collect())
    };
    let roots = trees.iter().scan(0, |at, tree| {
        let root = *at;
        *at += tree.nodes.len() as i32;
        Some(root)
    });
    vec![
        ints("root", roots.collect()),
        ints("feature", nodes().map(|n| n.feature).collect()),
        floats("cut", nodes().map(|n| n.cut).collect()),
        ints("left", nodes().map(|n| n.left).collect()),
        ints("right", nodes().map(|n| n.right).collect()),
        floats("value", nodes().map(|n| n.value).collect()),
    ]
}

/// The matrices of a transformer, numbered.
pub(crate) fn of_matrices(name: &str, matrices: &[Matrix]) -> Vec<Column> {
    let bytes = |m: &Matrix| m.data.iter().copied().flat_map(f32::to_le_bytes).collect();
    matrices.iter().enumerate().map(|(i, m)| (format!("{name}.{i}"), Dtype::F32, bytes(m))).collect()
}

/// The matrices of several transformers, each by its place.
pub(crate) fn of_nets(nets: &[Net]) -> Vec<Column> {
    nets.iter().enumerate().flat_map(|(i, net)| of_matrices(&format!("net{i}"), &net.weights)).collect()
}

/// The transformer at this place.
pub(crate) fn net(i: usize, tensors: &SafeTensors<'_>, manners: usize) -> Result<Net, LearnError> {
    Ok(Net { weights: matrices(&format!("net{i}"), tensors, manners)? })
}

/// As many matrices as a transformer of so many manners has, each of its size.
pub(crate) fn matrices(
    name: &str,
    tensors: &SafeTensors<'_>,
    manners: usize,
) -> Result<Vec<Matrix>, LearnError> {
    let matrix = |(i, (rows, cols)): (usize, (usize, usize))| {
        let data: Vec<f32> =
            words(tensors, &format!("{name}.{i}"))?.into_iter().map(f32::from_le_bytes).collect();
        let whole = data.len() == rows * cols;
        if whole {
            Ok(Matrix { rows, cols, data })
        } else {
            Err(LearnError::Damaged { what: "a matrix's size" })
        }
    };
    shapes(manners).into_iter().enumerate().map(matrix).collect()
}

/// Trees that go by so many features.
pub(crate) fn trees(name: &str, tensors: &SafeTensors<'_>, features: usize) -> Result<Vec<Tree>, LearnError> {
    let words = |part: &str| words(tensors, &format!("{name}.{part}"));
    let ints = |part: &str| words(part).map(|w| w.into_iter().map(i32::from_le_bytes).collect::<Vec<i32>>());
    let floats =
        |part: &str| words(part).map(|w| w.into_iter().map(f32::from_le_bytes).collect::<Vec<f32>>());
    let (roots, feature, left, right) = (ints("root")?, ints("feature")?, ints("left")?, ints("right")?);
    let (cut, value) = (floats("cut")?, floats("value")?);
    if [cut.len(), left.len(), right.len(), value.len()].iter().any(|n| *n != feature.len()) {
        return Err(LearnError::Damaged { what: "its columns differ in length" });
    }
    let node = |i: usize| TreeNode {
        feature: feature[i],
        cut: cut[i],
        left: left[i],
        right: right[i],
        value: value[i],
    };
    let mut ends: Vec<usize> = roots.iter().skip(1).map(|r| *r as usize).collect();
    ends.push(feature.len());
    let mut all = Vec::new();
    for (root, end) in roots.iter().zip(ends) {
        let own = *root as usize..end;
        if *root < 0 || own.is_empty() || own.end > feature.len() {
            return Err(LearnError::Damaged { what: "a tree without a root" });
        }
        let tree = Tree { nodes: own.map(node).collect() };
        check(&tree, features)?;
        all.push(tree);
    }
    Ok(all)
}

/// Every way down ends: a node's parts come after it.
fn check(tree: &Tree, features: usize) -> Result<(), LearnError> {
    let len = tree.nodes.len();
    let follows = |at: usize, part: i32| usize::try_from(part).is_ok_and(|p| p > at && p < len);
    let whole = tree.nodes.iter().enumerate().all(|(at, n)| {
        n.feature < 0 || ((n.feature as usize) < features && follows(at, n.left) && follows(at, n.right))
    });
    if whole { Ok(()) } else { Err(LearnError::Damaged { what: "a tree that leads nowhere" }) }
}

pub(crate) fn of_number(name: &str, number: i32) -> Column {
    (name.to_owned(), Dtype::I32, number.to_le_bytes().to_vec())
}

/// A number that is not negative.
pub(crate) fn number(name: &str, tensors: &SafeTensors<'_>) -> Result<u32, LearnError> {
    let number = words(tensors, name)?.first().map(|word| i32::from_le_bytes(*word));
    number.and_then(|n| u32::try_from(n).ok()).ok_or(LearnError::Damaged { what: "a number" })
}

fn words(tensors: &SafeTensors<'_>, name: &str) -> Result<Vec<[u8; 4]>, LearnError> {
    let tensor = tensors.tensor(name).map_err(|_| LearnError::Damaged { what: "a tensor is missing" })?;
    if !matches!(tensor.dtype(), Dtype::I32 | Dtype::F32) {
        return Err(LearnError::Damaged { what: "a tensor of another type" });
    }
    Ok(tensor.data().chunks_exact(4).map(|w| [w[0], w[1], w[2], w[3]]).collect())
}
