"""Names of networks that AtomAI imports for its classifiers, which no benchmark uses."""

mobilenet_v2 = resnet50 = vgg16 = None
